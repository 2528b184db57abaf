#include "harness/field/preload/unseen.h"

#include <limits.h>
#include <link.h>
#include <string.h>

#include "harness/field/preload/channel.h"
#include "harness/field/preload/real.h"
#include "harness/field/preload/state.h"

namespace walsoak::trace {
namespace {

constexpr int kMostSaid = 64;
struct Said {
  std::uintptr_t object;  // a hash of its path
  const char* why;
};
Said said[kMostSaid];
int said_count = 0;

std::uintptr_t hash_of(const char* text) {  // FNV-1a
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (; *text != '\0'; ++text) hash = (hash ^ static_cast<unsigned char>(*text)) * 0x100000001b3ULL;
  return hash;
}

bool is_new(const char* object, const char* why) {
  const Said now{hash_of(object), why};
  const Turn turn;
  if (!turn.taken() || said_count == kMostSaid) return false;
  for (int i = 0; i < said_count; ++i) {
    if (said[i].object == now.object && strcmp(said[i].why, why) == 0) return false;
  }
  said[said_count++] = now;
  return true;
}

// Debian's Go and the upstream one both leave the note of the build (type 4, by "Go").
bool is_go_note(std::uintptr_t start, std::size_t size) {
  const auto* const note = reinterpret_cast<const Elf64_Nhdr*>(start);
  return size >= sizeof *note + 4 && note->n_namesz == 4 && note->n_type == 4 &&
         memcmp(note + 1, "Go\0", 4) == 0;
}

}  // namespace

void note_unseen(const char* object, const char* why) {
  char program[PATH_MAX];
  if (*object == '\0') {
    read_own_path(program, sizeof program);
    object = program;
  }
  if (!is_new(object, why)) return;
  Event event("unseen_calls");
  JsonText* const json = event.json();
  if (json == nullptr) return;
  json->add("object", object);
  json->add("why", why);
}

void note_runtime(std::uintptr_t base, const Elf64_Phdr* headers, int count, const char* object) {
  for (int i = 0; i < count; ++i) {
    if (headers[i].p_type == PT_NOTE && is_go_note(base + headers[i].p_vaddr, headers[i].p_memsz)) {
      note_unseen(object, "Go's runtime makes system calls without the C library");
    }
  }
}

void note_other_namespaces() {
  // Of version 2 (glibc 2.35), the structure has a member more than its declaration.
  auto address = reinterpret_cast<std::uintptr_t>(&_r_debug);
  __asm__("" : "+r"(address));
  const auto* const debug = reinterpret_cast<const r_debug_extended*>(address);
  if (debug->base.r_version < 2) return;
  for (const r_debug_extended* at = debug->r_next; at != nullptr; at = at->r_next) {
    if (at->base.r_map != nullptr) {
      note_unseen(at->base.r_map->l_name, "it and its libraries are in a namespace of their own (dlmopen)");
    }
  }
}

}  // namespace walsoak::trace
