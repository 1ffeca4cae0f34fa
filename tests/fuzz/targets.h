#pragma once

#include <exception>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "alert/error.h"

/// Every parser of ours, fed with anything: one function each, named as its corpus is. libFuzzer
/// calls them with what it makes up (entry.cpp), a unit test with what was kept (corpus_test.cpp).
/// What does not hold is thrown as Broken.
namespace alert::fuzz {

void units(std::string_view input);
void settings(std::string_view input);
void schedule(std::string_view input);
void schedule_file(std::string_view input);
void grid(std::string_view input);
void config(std::string_view input);
void platform(std::string_view input);
void family(std::string_view input);
void journal(std::string_view input);
void pickle(std::string_view input);

/// A property that an input breaks.
class Broken : public std::exception {
   public:
    explicit Broken(std::string what) : what_(std::move(what)) {}
    const char* what() const noexcept override { return what_.c_str(); }

   private:
    std::string what_;
};

/// Throws Broken with this text unless it holds.
void require(bool holds, const std::string& what);

/// Throws Broken unless the message is one line that says something. Only control characters that
/// the input itself has may be in it: those are made printable where they are shown.
void require_one_line(std::string_view message, std::string_view input);

/// What `parse` returns; empty if it refused the input as it should: with an Error of ours.
template <class Parse>
auto accepted(std::string_view input, const Parse& parse) -> std::optional<decltype(parse())> {
    try {
        return parse();
    } catch (const Error& error) {
        require_one_line(error.what(), input);
        return std::nullopt;
    }
}

/// A folder of this process, empty when it is first asked for.
const std::filesystem::path& folder();

/// Writes the input to a file of that folder, and returns its path.
std::filesystem::path file_with(std::string_view input, const std::string& name);

/// Takes the first byte off; 0 where there is none.
unsigned char take_byte(std::string_view& input);

/// Whether both are the same but for rounding in the twelfth digit.
bool alike(double a, double b);

}  // namespace alert::fuzz
