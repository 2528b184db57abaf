// The leash: the read end of a pipe whose write end only the observer holds. When the observer ends, however
// it ends, the pipe is at end-of-file and every process of the run ends itself.
#pragma once

namespace walsoak::protocol {

// Starts a detached thread that ends this process with exit code 4 at the leash's end-of-file. Makes
// descriptor 3 close-on-exec. Does nothing where descriptor 3 is no pipe: a program started by hand.
void watch_leash();

}  // namespace walsoak::protocol
