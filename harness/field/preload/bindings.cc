#include "harness/field/preload/bindings.h"

#include <dlfcn.h>
#include <elf.h>
#include <fcntl.h>
#include <link.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "harness/field/preload/exit_phase.h"
#include "harness/field/preload/own_functions.h"
#include "harness/field/preload/real.h"
#include "harness/field/preload/sqlite/connections.h"
#include "harness/field/preload/sqlite/copies.h"
#include "harness/field/preload/state.h"
#include "harness/field/preload/unseen.h"

namespace walsoak::trace {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t kJumpSlot = R_X86_64_JUMP_SLOT, kGlobal = R_X86_64_GLOB_DAT, kAddress = R_X86_64_64;
#elif defined(__aarch64__)
constexpr std::uint32_t kJumpSlot = R_AARCH64_JUMP_SLOT, kGlobal = R_AARCH64_GLOB_DAT,
                        kAddress = R_AARCH64_ABS64;
#else
constexpr std::uint32_t kJumpSlot = ~0U, kGlobal = ~0U, kAddress = ~0U;  // no slot is known for one
#endif

// One loaded object, as dl_iterate_phdr(3) shows it.
struct Object {
  std::uintptr_t base;  // added to addresses of its file
  const Elf64_Phdr* headers;
  int count;
  char path[256];
};

struct Dynamic {
  const Elf64_Sym* symbols = nullptr;
  const char* names = nullptr;
  const Elf64_Rela* relocations[2] = {};
  std::size_t counts[2] = {};
};

// glibc writes the addresses into the dynamic section itself, but not where that is read-only.
std::uintptr_t absolute(const Object& object, std::uintptr_t value) {
  return value < object.base ? object.base + value : value;
}

bool read_dynamic(const Object& object, Dynamic* dynamic) {
  const Elf64_Dyn* at = nullptr;
  for (int i = 0; i < object.count; ++i) {
    if (object.headers[i].p_type == PT_DYNAMIC) {
      at = reinterpret_cast<const Elf64_Dyn*>(object.base + object.headers[i].p_vaddr);
    }
  }
  for (; at != nullptr && at->d_tag != DT_NULL; ++at) {
    const auto address = [&] { return absolute(object, at->d_un.d_ptr); };
    if (at->d_tag == DT_SYMTAB) dynamic->symbols = reinterpret_cast<const Elf64_Sym*>(address());
    if (at->d_tag == DT_STRTAB) dynamic->names = reinterpret_cast<const char*>(address());
    if (at->d_tag == DT_RELA) dynamic->relocations[0] = reinterpret_cast<const Elf64_Rela*>(address());
    if (at->d_tag == DT_RELASZ) dynamic->counts[0] = at->d_un.d_val / sizeof(Elf64_Rela);
    if (at->d_tag == DT_JMPREL) dynamic->relocations[1] = reinterpret_cast<const Elf64_Rela*>(address());
    if (at->d_tag == DT_PLTRELSZ) dynamic->counts[1] = at->d_un.d_val / sizeof(Elf64_Rela);
  }
  return dynamic->symbols != nullptr && dynamic->names != nullptr;
}

struct Slot {
  void** at;
  const char* name;
  bool lazy;       // bound at the first call, as a rule
  bool elsewhere;  // the object does not define the function itself
};

// Calls visit(slot) for each slot of a function that calls are looked at of.
template <typename Visit>
void each_slot(const Object& object, Visit visit) {
  Dynamic dynamic;
  if (!read_dynamic(object, &dynamic)) return;
  for (int table = 0; table < 2; ++table) {
    if (dynamic.relocations[table] == nullptr) continue;
    for (std::size_t i = 0; i < dynamic.counts[table]; ++i) {
      const Elf64_Rela& relocation = dynamic.relocations[table][i];
      const auto type = static_cast<std::uint32_t>(ELF64_R_TYPE(relocation.r_info));
      if (type != kJumpSlot && type != kGlobal && type != kAddress) continue;
      // Of a jump slot the addend is no part of the address (ld -z mark-plt puts one there).
      if (type != kJumpSlot && relocation.r_addend != 0) continue;
      const Elf64_Sym& symbol = dynamic.symbols[ELF64_R_SYM(relocation.r_info)];
      const char* const name = dynamic.names + symbol.st_name;
      if (hook_named(name) == kHooks && own_function(name) == nullptr) continue;
      visit(Slot{reinterpret_cast<void**>(object.base + relocation.r_offset), name, type == kJumpSlot,
                 symbol.st_shndx == SHN_UNDEF});
    }
  }
}

// Whether the dynamic linker has made this page read-only: of PT_GNU_RELRO, as it does itself, only whole
// pages at the end. Beside them lies memory that the program writes to.
bool is_read_only(const Object& object, std::uintptr_t page, std::uintptr_t page_size) {
  for (int i = 0; i < object.count; ++i) {
    const Elf64_Phdr& header = object.headers[i];
    if (header.p_type != PT_GNU_RELRO) continue;
    const std::uintptr_t first = (object.base + header.p_vaddr) & ~(page_size - 1);
    const std::uintptr_t end = (object.base + header.p_vaddr + header.p_memsz) & ~(page_size - 1);
    if (page >= first && page < end) return true;
  }
  return false;
}

// Whether the object's own segment may be written: a table among the constants may not, and the dynamic
// linker has made it what it is with its own means.
bool is_data(const Object& object, const void* address) {
  const auto offset = reinterpret_cast<std::uintptr_t>(address) - object.base;
  for (int i = 0; i < object.count; ++i) {
    const Elf64_Phdr& header = object.headers[i];
    const bool inside = offset >= header.p_vaddr && offset < header.p_vaddr + header.p_memsz;
    if (inside && header.p_type == PT_LOAD) return (header.p_flags & PF_W) != 0;
  }
  return false;
}

// Of the thread that changes the protection of a page: another would take away what it has just given. Not
// for ever: of a child that was forked meanwhile that thread is no part.
class PageTurn {
 public:
  PageTurn() {
    for (int yields = 0; yields < kMostYields && !taken_; ++yields) {
      taken_ = !busy_.exchange(true, std::memory_order_acquire);
      if (!taken_) sched_yield();
    }
  }
  ~PageTurn() {
    if (taken_) busy_.store(false, std::memory_order_release);
  }
  PageTurn(const PageTurn&) = delete;
  PageTurn& operator=(const PageTurn&) = delete;
  bool taken() const { return taken_; }

 private:
  static constexpr int kMostYields = 100000;
  static inline std::atomic<bool> busy_{false};
  bool taken_ = false;
};

// False where the page does not become writable: then the slot is as it was.
bool write_slot(const Object& object, void** slot, void* function) {
  if (!is_data(object, slot)) return false;
  const PageTurn turn;
  if (!turn.taken()) return false;
  const auto size = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const std::uintptr_t page = reinterpret_cast<std::uintptr_t>(slot) & ~(size - 1);
  const bool protect = is_read_only(object, page, size);
  if (protect && mprotect(reinterpret_cast<void*>(page), size, PROT_READ | PROT_WRITE) != 0) return false;
  __atomic_store_n(slot, function, __ATOMIC_RELEASE);
  if (protect) mprotect(reinterpret_cast<void*>(page), size, PROT_READ);
  return true;
}

struct Definition {
  const char* name;
  void* first;   // nullptr: none yet
  bool several;  // at different addresses
};

int note_definition(dl_phdr_info* info, std::size_t, void* data) {
  auto* const definition = static_cast<Definition*>(data);
  if (definition->several || strchr(info->dlpi_name, '/') == nullptr) return 0;
  void* const handle = dlopen(info->dlpi_name, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) return 0;
  void* const found = real_dlsym()(handle, definition->name);
  dlclose(handle);
  if (found == nullptr || is_own(found)) return 0;
  definition->several = definition->first != nullptr && definition->first != found;
  definition->first = found;
  return 0;
}

// Whether no object that is loaded finds another function by that name. Which of several comes first in an
// object depends on the one that asked for it to be loaded, and that is not known.
bool is_the_only_one(const char* name) {
  Definition definition{name, nullptr, false};
  dl_iterate_phdr(note_definition, &definition);
  return !definition.several;
}

// In the global scope. By a handle: a search with RTLD_DEFAULT would keep the object loaded that has it.
void* find_global(const char* name) {
  void* const program = dlopen(nullptr, RTLD_LAZY | RTLD_NOLOAD);
  if (program == nullptr) return nullptr;
  void* const found = real_dlsym()(program, name);
  dlclose(program);
  return found;
}

// The function that a name leads to in an object: in the global scope, else among the object's own libraries.
// nullptr where there is none and where it depends on how the object was loaded.
void* certain(void* handle, const char* name) {
  void* const global = find_global(name);
  void* const local = real_dlsym()(handle, name);
  // Bound to this library in the one case, to be led through it in the other.
  if (global != nullptr && is_own(global) && local == real_function(name)) return local;
  if (global == nullptr) return local != nullptr && is_the_only_one(name) ? local : nullptr;
  return local == nullptr || global == local ? global : nullptr;
}

// Where a slot leads to; nullptr where that is not settled yet.
void* target_of(const Slot& slot, void* handle) {
  void* const value = __atomic_load_n(slot.at, __ATOMIC_ACQUIRE);
  if (value == nullptr || is_own(value)) return nullptr;
  const bool unbound = slot.lazy && slot.elsewhere && object_of(value).first == object_of(slot.at).first;
  return unbound ? certain(handle, slot.name) : value;
}

void bind_slot(const Object& object, const Slot& slot, void* handle) {
  void* const target = target_of(slot, handle);
  if (target == nullptr || is_own(target)) return;
  void* better = nullptr;
  const Hook hook = hook_named(slot.name);
  if (hook != kHooks) {
    // SQLite's own calls of itself are part of a call that was looked at already.
    if (object_of(target).first == object_of(slot.at).first) return;
    better = function_for(hook, target);
  } else if (target == real_function(slot.name)) {
    better = own_function(slot.name);
  } else {
    return;
  }
  if (better != nullptr && !write_slot(object, slot.at, better)) {
    note_unseen(object.path, "its memory cannot be changed");
  }
}

void bind_object(const Object& object) {
  // The name keeps it from being unloaded meanwhile, and waits until another thread has loaded it whole.
  void* const handle = dlopen(*object.path == '\0' ? nullptr : object.path, RTLD_LAZY | RTLD_NOLOAD);
  if (handle == nullptr) return;
  if (static_cast<const link_map*>(handle)->l_addr == object.base) {
    each_slot(object, [&](const Slot& slot) { bind_slot(object, slot, handle); });
  }
  dlclose(handle);
}

constexpr int kMostObjects = 1024;

struct Found {
  Object* objects;
  int count;
};

int note_object(dl_phdr_info* info, std::size_t, void* data) {
  auto* const found = static_cast<Found*>(data);
  if (found->count == kMostObjects || strlen(info->dlpi_name) >= sizeof Object::path) {
    note_unseen(info->dlpi_name, found->count == kMostObjects ? "too many objects" : "its path is too long");
    return 0;
  }
  // Without a slash it is the kernel's own (linux-vdso.so.1).
  const bool is_program = *info->dlpi_name == '\0';
  if (!is_program && strchr(info->dlpi_name, '/') == nullptr) return 0;
  Object object{info->dlpi_addr, info->dlpi_phdr, info->dlpi_phnum, ""};
  strcpy(object.path, info->dlpi_name);
  note_runtime(object.base, object.headers, object.count, object.path);
  bool open_slot = false;
  each_slot(object, [&](const Slot& slot) { open_slot = open_slot || !is_own(*slot.at); });
  if (open_slot) found->objects[found->count++] = object;
  return 0;
}

int note_adds(dl_phdr_info* info, std::size_t, void* data) {
  *static_cast<unsigned long long*>(data) = info->dlpi_adds;
  return 1;
}

std::atomic<unsigned long long> adds_known{0};

}  // namespace

void bind_new_objects() {
  Inside inside;
  if (!inside.first() || !tracing()) return;
  unsigned long long adds = 0;
  dl_iterate_phdr(note_adds, &adds);
  if (adds_known.load(std::memory_order_acquire) == adds) return;
  constexpr std::size_t kSize = kMostObjects * sizeof(Object);
  void* const area = mmap(nullptr, kSize, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (area == MAP_FAILED) return;
  Found found{static_cast<Object*>(area), 0};
  dl_iterate_phdr(note_object, &found);
  for (int i = 0; i < found.count; ++i) bind_object(found.objects[i]);
  munmap(area, kSize);
  // Only now: another thread that asks meanwhile binds the same objects, and does not call into unbound ones.
  adds_known.store(adds, std::memory_order_release);
  look_for_interpreters();
  dlerror();  // ours: the program is not to find it
}

void* bound_by_handle(void* handle, const char* name, const void* caller) {
  const Hook hook = hook_named(name);
  if (hook == kHooks || handle == RTLD_NEXT) return nullptr;
  Inside inside;
  if (!inside.first() || !tracing()) return nullptr;
  void* found = nullptr;
  if (handle == RTLD_DEFAULT) {
    const LoadedObject object = object_of(caller);
    void* const own = dlopen(*object.path == '\0' ? nullptr : object.path, RTLD_LAZY | RTLD_NOLOAD);
    found = own == nullptr ? nullptr : certain(own, name);
    if (own != nullptr) dlclose(own);
  } else {
    found = real_dlsym()(handle, name);
  }
  return found == nullptr ? nullptr : function_for(hook, found);
}

}  // namespace walsoak::trace
