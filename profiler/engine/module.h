#pragma once

#include "profiler/engine/engine.h"

/// The only function that the program looks up in libalert_torch.so. Creates the engine, which the
/// caller owns; throws as open_engine does.
extern "C" alert::Engine* alert_make_engine(const alert::EngineOptions* options);
