#include "harness/field/preload/lock_table.h"

namespace walsoak::trace {

int LockTable::bucket_of(const FileId& file) {
  return static_cast<int>((file.ino ^ file.dev * 31) % kBuckets);
}

int LockTable::insert(const HeldLock& lock) {
  int index = free_;
  if (index != 0) {
    free_ = slots_[index - 1].next;
  } else if (unused_ < kMostLocks) {
    index = ++unused_;
  } else {
    return 0;
  }
  int& bucket = buckets_[bucket_of(lock.file)];
  slots_[index - 1] = {lock, bucket};
  bucket = index;
  count_.fetch_add(1, std::memory_order_relaxed);
  return index;
}

// Takes a range out of what one owner holds. A lock that sticks out at both ends becomes two.
void LockTable::carve(const FileId& file, const ByteRange& range, std::uintptr_t owner) {
  int* link = &buckets_[bucket_of(file)];
  while (*link != 0) {
    const int index = *link;
    Slot& slot = slots_[index - 1];
    const HeldLock held = slot.lock;
    if (!(held.file == file) || held.owner != owner || !held.range.overlaps(range)) {
      link = &slot.next;
      continue;
    }
    const bool before = held.range.first < range.first;
    const bool after = held.range.last > range.last;
    if (before) {
      slot.lock.range.last = range.first - 1;
      link = &slot.next;
    } else if (after) {
      slot.lock.range.first = range.last + 1;
      link = &slot.next;
    } else {
      *link = slot.next;
      slot.next = free_;
      free_ = index;
      count_.fetch_sub(1, std::memory_order_relaxed);
    }
    if (before && after) {
      HeldLock rest = held;
      rest.range.first = range.last + 1;
      rest.id = ++last_id_;
      rest.releasing = 0;
      // At the head of the bucket, behind which this loop already is.
      insert(rest);
    }
  }
}

bool LockTable::add(HeldLock lock) {
  carve(lock.file, lock.range, lock.owner);
  lock.id = ++last_id_;
  lock.releasing = 0;
  return insert(lock) != 0;
}

void LockTable::begin_release(const FileId& file, const ByteRange& range, std::uintptr_t owner) {
  for (int index = buckets_[bucket_of(file)]; index != 0; index = slots_[index - 1].next) {
    HeldLock& held = slots_[index - 1].lock;
    if (held.file == file && held.owner == owner && held.range.overlaps(range)) ++held.releasing;
  }
}

void LockTable::end_release(const FileId& file, const ByteRange& range, std::uintptr_t owner, bool released) {
  for (int index = buckets_[bucket_of(file)]; index != 0; index = slots_[index - 1].next) {
    HeldLock& held = slots_[index - 1].lock;
    if (held.file == file && held.owner == owner && held.range.overlaps(range) && held.releasing > 0) {
      --held.releasing;
    }
  }
  if (released) carve(file, range, owner);
}

bool LockTable::holds(const FileId& file) const {
  for (int index = buckets_[bucket_of(file)]; index != 0; index = slots_[index - 1].next) {
    if (slots_[index - 1].lock.file == file) return true;
  }
  return false;
}

bool LockTable::holds_wal_index(const FileId& file) const {
  for (int index = buckets_[bucket_of(file)]; index != 0; index = slots_[index - 1].next) {
    const HeldLock& held = slots_[index - 1].lock;
    if (held.file == file && held.wal_index) return true;
  }
  return false;
}

bool LockTable::holds_for_others(const FileId& file, const ByteRange& range, std::uintptr_t owner) const {
  for (int index = buckets_[bucket_of(file)]; index != 0; index = slots_[index - 1].next) {
    const HeldLock& held = slots_[index - 1].lock;
    if (held.file == file && held.owner != owner && held.range.overlaps(range)) return true;
  }
  return false;
}

bool LockTable::is_of_process(const HeldLock& lock) const {
  if (!lock.write || !(lock.range.inside(kSharedRange) && kSharedRange.inside(lock.range))) return false;
  for (int index = buckets_[bucket_of(lock.file)]; index != 0; index = slots_[index - 1].next) {
    const HeldLock& held = slots_[index - 1].lock;
    const bool same = held.file == lock.file && held.owner == lock.owner;
    if (same && held.write && held.range.overlaps(kWritersRange)) return false;
  }
  return true;
}

int LockTable::list(const FileId& file, const ByteRange& range, HeldLock* out, int most) const {
  int found = 0;
  for (int index = buckets_[bucket_of(file)]; index != 0 && found < most; index = slots_[index - 1].next) {
    const HeldLock& held = slots_[index - 1].lock;
    if (held.file == file && held.range.overlaps(range)) out[found++] = held;
  }
  return found;
}

int LockTable::list_files(HeldLock* out, int most) const {
  int found = 0;
  for (const int bucket : buckets_) {
    for (int index = bucket; index != 0; index = slots_[index - 1].next) {
      const HeldLock& held = slots_[index - 1].lock;
      bool listed = found == most;
      for (int i = 0; i < found && !listed; ++i) listed = out[i].file == held.file;
      if (!listed) out[found++] = held;
    }
  }
  return found;
}

bool LockTable::take_lost(const HeldLock& lock) {
  for (int* link = &buckets_[bucket_of(lock.file)]; *link != 0; link = &slots_[*link - 1].next) {
    const int index = *link;
    Slot& slot = slots_[index - 1];
    if (slot.lock.id != lock.id) continue;
    if (slot.lock.releasing > 0) return false;
    *link = slot.next;
    slot.next = free_;
    free_ = index;
    count_.fetch_sub(1, std::memory_order_relaxed);
    return true;
  }
  return false;
}

void LockTable::clear() {
  for (int& bucket : buckets_) bucket = 0;
  free_ = 0;
  unused_ = 0;
  count_.store(0, std::memory_order_relaxed);
}

}  // namespace walsoak::trace
