#pragma once

/// Marks a loop that is compiled once per level of x86-64 and picked at load time. The two files
/// that use it are compiled with relaxed floating point (core/CMakeLists.txt): no infinity and no
/// NaN may reach their loops.
#if defined(ALERT_TARGET_CLONES)
#define ALERT_VECTORISED \
    __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define ALERT_VECTORISED
#endif
