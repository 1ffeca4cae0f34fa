#pragma once

#include <ostream>
#include <span>
#include <string>
#include <string_view>

#include "cli/report/render/document.h"

namespace alert::cli {

/// One self-contained page: no scripts and no external resources; light and dark; wide tables and
/// plots scroll on their own on a narrow screen.
void write_html(std::ostream& out, std::span<const Document> documents);

/// The text with the special characters of HTML escaped.
std::string html_escaped(std::string_view text);

}  // namespace alert::cli
