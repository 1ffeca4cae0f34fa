#pragma once

#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "cli/report/render/document.h"

namespace alert::cli {

/// One self-contained page: no script, nothing loaded from elsewhere; light and dark; wide tables
/// and plots scroll by themselves on a narrow screen.
void write_html(std::ostream& out, std::span<const Document> documents);

/// The text with the characters that mean something in HTML written out.
std::string html_escaped(std::string_view text);

}  // namespace alert::cli
