// Standard output for a program's results. A write that fails is remembered and reported once, at the end:
// the work goes on, as the results on disk do not depend on it. And the frame of every main().
#pragma once

#include <functional>
#include <string>
#include <string_view>

namespace walsoak::escape {

// Writes to standard output as it is; print() is for text. Never throws; after a write that failed
// nothing more is written. From any thread but not from two at once.
void write_output(std::string_view text);

// Writes out what is buffered. False where this write or an earlier one failed.
bool flush_output();

// Opens the standard streams that whoever started this program has closed: else the first file that is opened
// would take the number 1 and get what is printed. Reading from a closed one gives the end of a file, writing
// to a closed standard output fails. Programs that are started find the streams closed as before.
void hold_standard_streams();

// Exit code of a program whose work could not be carried out.
inline constexpr int kExitNotCarriedOut = 4;

// The body of main(): calls hold_standard_streams() and `body`, and returns its exit code. One line on stderr
// and exit code 4 where `body` throws or standard output cannot be written (a full disk, a closed stream). A
// reader that went away (`| head`) has read what it wanted: no line, and the code of `body`.
int run_main(const std::string& name, const std::function<int()>& body);

}  // namespace walsoak::escape
