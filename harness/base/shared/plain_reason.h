// The message of an exception for users: without the marks of the libraries that threw it.
#pragma once

#include <exception>
#include <string>

namespace walsoak {

// "key 'type' not found" of "[json.exception.out_of_range.403] key 'type' not found", also where the text was
// made part of another message; "internal error (map::at)" of a container's.
std::string plain_reason(const std::exception& error);

}  // namespace walsoak
