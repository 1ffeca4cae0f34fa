# Who may include whom is a matter of include directories, so that a wrong include does not compile. A
# room is a folder of ours; its root, in the build tree, holds links to that folder and to nothing else.
# A target is given the roots of the rooms that it may see, and never the source tree as a whole:
# cli -> profiler, db -> core -> include/alert. tests/rooms states who sees whom.

# alert_add_room(NAME PATH...): the target alert_room_NAME, whose users may include PATH..., folders or
# headers, as they lie below the source tree.
function(alert_add_room name)
  set(root ${PROJECT_BINARY_DIR}/rooms/${name})
  foreach(path IN LISTS ARGN)
    cmake_path(GET path PARENT_PATH folder)
    file(MAKE_DIRECTORY ${root}/${folder})
    file(CREATE_LINK ${PROJECT_SOURCE_DIR}/${path} ${root}/${path} SYMBOLIC)
  endforeach()
  add_library(alert_room_${name} INTERFACE)
  target_include_directories(alert_room_${name} INTERFACE ${root})
endfunction()
