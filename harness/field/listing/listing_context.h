// What a pasted text says beside its descriptors: the system, a container, a network file system, and what
// fills the table if it is not the databases. Without names, so that it may be shown everywhere.
#pragma once

#include <string>
#include <vector>

#include "harness/field/listing/listing_process.h"

namespace walsoak::watch {

struct ListingContext {
  bool macos = false;                // no /proc there
  bool on_disk = false;              // a folder's files alone, and no process
  std::string container;             // the command that was used to look into one: "docker", "kubectl", ...
  std::vector<std::string> remarks;  // sentences
};

// `several`: processes of the text that hold databases.
ListingContext context_of(const ListedProcess& process, const Listings& listings, std::size_t several);

// Whether the listings of a text without times are rather of several processes than moments of one: they were
// made at several places, or, without process ids, two of them have descriptors in common and show at none
// the same socket or pipe, and at two or more different ones.
bool are_unlike(const ListedProcess& process, const Listings& listings);

// "900 of 912 descriptors are on files that end in .log": what an open table without a database consists of;
// "" where no kind prevails.
std::string composition_text(const std::vector<const Entry*>& entries);

}  // namespace walsoak::watch
