// fcntl() where another part of the library has the call: made by syscall(2), its number and not its name.
#pragma once

namespace walsoak::trace {

// fcntl(2) made by syscall(2): as the function.
int controlled_by_number(int fd, int command, void* argument, const void* caller);

}  // namespace walsoak::trace
