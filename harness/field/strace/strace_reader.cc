#include "harness/field/strace/strace_reader.h"

#include <utility>

namespace walsoak::trace {

void StraceReader::add(const std::string& text) {
  part_ += text;
  std::size_t from = 0;
  for (std::size_t end = 0; (end = part_.find('\n', from)) != std::string::npos; from = end + 1) {
    add_line(part_.substr(from, end - from));
  }
  part_.erase(0, from);
}

void StraceReader::end() {
  part_.clear();
  give();
}

void StraceReader::give() {
  if (waiting_) takers_.call(*std::exchange(waiting_, std::nullopt));
}

void StraceReader::add_line(const std::string& text) {
  const StraceLine line = parse_strace_line(text);
  using Kind = StraceLine::Kind;
  if (line.kind == Kind::frame) {
    const auto frame = parse_frame(line.text);
    if (waiting_ && frame) waiting_->stack.push_back(*frame);
    return;
  }
  give();
  if (line.kind == Kind::other) return;
  if (line.kind == Kind::gone) {
    begun_.erase(line.tid);
    takers_.gone(line.tid);
    return;
  }
  if (line.kind == Kind::superseded) {
    // What the first thread was in the middle of never ends; the other's execve ends by its number.
    begun_.erase(line.tid);
    if (auto half = begun_.extract(line.by)) {
      half.key() = line.tid;
      begun_.insert(std::move(half));
    }
    return;
  }
  takers_.line(line.tid);
  if (line.kind == Kind::begun) {
    begun_[line.tid] = line;
  } else if (line.kind == Kind::call) {
    add_call(line, line.text, line.t_us);
  } else if (const auto first = begun_.find(line.tid); first != begun_.end()) {
    // One that was under way as strace came has no first half.
    const StraceLine half = first->second;
    begun_.erase(first);
    add_call(line, half.text + line.text, half.t_us);
  }
}

void StraceReader::add_call(const StraceLine& line, const std::string& text, std::int64_t began_us) {
  auto call = parse_call(text);
  if (!call) return;
  call->tid = line.tid;
  call->began_us = began_us;
  if (stacks_) {
    waiting_ = std::move(call);
  } else {
    takers_.call(*call);
  }
}

}  // namespace walsoak::trace
