// Takes folders out of text that people post: of an absolute path only its last name stays, and that only
// where a finding needs it. A pure function.
#pragma once

#include <string>
#include <string_view>

namespace walsoak::record {

// /srv/acme/gateway.py:7 becomes PATH/gateway.py:7, and /srv/acme/salaries.db PATH. The last name stays where
// it is a program's source, library or interpreter, JSON, or a kanban.db with its sidecars. Left alone are
// paths that are the same on every machine (/usr but /usr/local, /lib, /bin, /sbin, /proc without other
// processes' roots, terminals and the like of /dev), one name alone (/tmp), relative paths and URLs. A path
// with blanks is seen whole where it is quoted.
std::string hide_paths(std::string_view text);

}  // namespace walsoak::record
