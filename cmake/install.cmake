# What another program needs to be built with: libraries, public headers, and how CMake and pkg-config
# find them. A component, core, store or power, has its own list of targets, so that who wants one needs
# nothing of the others. Before 1.0 a minor version may change the interface.
include(CMakePackageConfigHelpers)
# Of the libraries that alert::power needs, the one that may not be there.
set(ALERT_POWER_LIBRARY "")
if(ALERT_WITH_CPUFREQ AND NOT ALERT_CORE_ONLY)
  set(ALERT_POWER_LIBRARY ${CPUFREQ_LIBRARY})
endif()
set(ALERT_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/alert)

function(alert_install_component component target)
  install(TARGETS ${target} EXPORT alert-${component} COMPONENT development
          ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
          FILE_SET HEADERS DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
  install(EXPORT alert-${component} NAMESPACE alert:: FILE alert-${component}-targets.cmake
          DESTINATION ${ALERT_CMAKE_DIR} COMPONENT development)
endfunction()

# The prefix is found from where the file lies: an installed tree may be moved.
function(alert_install_pkg_config name)
  file(RELATIVE_PATH ALERT_PREFIX_FROM_PC ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig
       ${CMAKE_INSTALL_PREFIX})
  configure_file(${PROJECT_SOURCE_DIR}/cmake/${name}.pc.in ${PROJECT_BINARY_DIR}/${name}.pc @ONLY)
  install(FILES ${PROJECT_BINARY_DIR}/${name}.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig
          COMPONENT development)
endfunction()

alert_install_component(core alert_core)
alert_install_pkg_config(alert)
if(NOT ALERT_CORE_ONLY)
  alert_install_component(store alert_db)
  alert_install_pkg_config(alert-store)
  alert_install_component(power alert_power)
  alert_install_pkg_config(alert-power)
endif()

configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/alert-config.cmake.in
  ${PROJECT_BINARY_DIR}/alert-config.cmake INSTALL_DESTINATION ${ALERT_CMAKE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/alert-config-version.cmake
  COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/alert-config.cmake
              ${PROJECT_BINARY_DIR}/alert-config-version.cmake
        DESTINATION ${ALERT_CMAKE_DIR} COMPONENT development)
