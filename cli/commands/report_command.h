#pragma once

#include <cstdint>
#include <string_view>

#include "cli/commands/commands.h"
#include "cli/report/render/write_records.h"

/// What `profile` and `run` print when they are done: the report of what they stored.
namespace alert::cli {

void report_profile(Context& context, std::string_view label, Format format);
void report_run(Context& context, std::int64_t run_id);

}  // namespace alert::cli
