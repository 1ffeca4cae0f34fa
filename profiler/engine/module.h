#pragma once

#include "profiler/engine/engine.h"

/// The one function that the program looks up in libalert_torch.so. Makes the engine, owned by
/// the caller; throws as open_engine does.
extern "C" alert::Engine* alert_make_engine(const alert::EngineOptions* options);
