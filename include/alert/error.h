#pragma once

#include <stdexcept>

namespace alert {

/// Something failed while running: a device, a file, a network. Exit code 1.
/// The message is one line that names the thing, says what is wrong and how to mend it.
class Error : public std::runtime_error {
   public:
    using std::runtime_error::runtime_error;
};

/// The request itself is wrong: a flag, a unit, a file that does not exist. Exit code 2.
class RequestError : public Error {
   public:
    using Error::Error;
};

}  // namespace alert
