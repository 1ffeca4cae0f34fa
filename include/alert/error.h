#pragma once

#include <stdexcept>

namespace alert {

/// Something failed: a device, a file, a network. Everything that this library throws is an Error,
/// or std::bad_alloc. The message is one line that names the thing, says what is wrong, and gives
/// the remedy.
class Error : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
};

/// The request itself is wrong: a value out of its range, a file that does not exist. It would fail
/// in the same way again.
class RequestError : public Error {
   public:
    using Error::Error;
};

}  // namespace alert
