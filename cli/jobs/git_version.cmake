# Writes the commit that is being built into OUTPUT, which is touched only when it changes.
# Run at every build with -DSOURCE=... -DVERSION=... -DOUTPUT=...
cmake_minimum_required(VERSION 3.25)
execute_process(
  COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=7 --exclude=*
  OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
if(failed)
  set(commit unknown)
endif()
file(CONFIGURE OUTPUT ${OUTPUT} @ONLY CONTENT
"#define ALERT_VERSION \"@VERSION@\"
#define ALERT_GIT_VERSION \"@commit@\"
")
