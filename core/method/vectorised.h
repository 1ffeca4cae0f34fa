#pragma once

/// Marks a loop that is compiled for several levels of x86-64, of which one is chosen at load time.
/// The files that use it are compiled without infinities and NaN (core/CMakeLists.txt): none may
/// reach their loops.
#if defined(ALERT_TARGET_CLONES)
#define ALERT_VECTORISED \
    __attribute__((target_clones("default", "arch=x86-64-v3", "arch=x86-64-v4")))
#else
#define ALERT_VECTORISED
#endif

/// Before a loop whose iterations are independent: the arrays it reads and writes do not overlap.
#if defined(__clang__)
#define ALERT_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define ALERT_INDEPENDENT _Pragma("GCC ivdep")
#else
#define ALERT_INDEPENDENT
#endif
