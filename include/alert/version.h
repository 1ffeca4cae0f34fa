#pragma once

// The version of this library, and the one place where it is written: the build reads it here.
// Before 1.0 a new minor version may change the interface, a new patch never does.
#define ALERT_VERSION_MAJOR 0
#define ALERT_VERSION_MINOR 1
#define ALERT_VERSION_PATCH 0
#define ALERT_VERSION_STRING "0.1.0"
