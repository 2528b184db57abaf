#include "harness/judgement/diagnosis/diagnosis_advice.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "harness/model/vocabulary/mechanisms.h"

namespace walsoak::judgement {
namespace {

using Names = std::vector<std::string_view>;

bool is_one_of(const Names& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

class Advice {
 public:
  Advice(const facts::ProcessHistory& evidence, const Circumstances& circumstances, const Parts& parts,
         const Diagnosis& so_far)
      : evidence_(evidence), circumstances_(circumstances), parts_(parts), so_far_(so_far) {}

  NextStep step() const {
    if (!evidence_.cell().watched()) {
      if (so_far_.standing != Standing::open && so_far_.standing != Standing::unknown) return {};
      return {"walsoak run SCENARIO --set subject=cpp", "the C++ subject has all three ledgers"};
    }
    if (circumstances_.on_disk)
      return {"lsof -n -P DATABASE DATABASE-wal | walsoak diagnose --lsof -",
              "shows the processes that hold the database, and how often"};
    if (circumstances_.macos) return on_macos();
    if ((evidence_.databases().empty() || parts_.peek_would_tell) && evidence_.samples() > 0 &&
        !evidence_.is_peeked()) {
      return watch("--peek --every 10s --for 1m",
                   "a database without sidecar and lock is told by its first bytes");
    }
    if (circumstances_.listing && (parts_.locks_missing || evidence_.samples() < 3))
      return watch("--every 10s --for 10m",
                   "reads the locks, which a listing does not have, and sees what grows");
    if (parts_.locks_missing)
      return watch("--every 10s --for 1m", "as root or the process's user: locks are read from fdinfo");
    if (asks({kLockLost}, true))
      return watch("--every 2s --for 30s", "two samples a second apart tell whether the lock stays away");
    if (parts_.more_samples) return watch(longer(), "more samples tell growth from a start or a busy moment");
    if (asks({kUnclosedConnection, kZombieConnection, kDeferredCollection, kConnectionPerThread, kPerDatabase,
              kOtherMainDescriptors},
             true))
      return by_connections();
    if (asks({kLockLost, kSplitGeneration, kIndexLockLost, kSecondCopy}, false)) return by_call();
    if (so_far_.standing == Standing::elsewhere || asks({kOtherWalDescriptors}, false))
      return {fmt::format("ls -l /proc/{}/fd", circumstances_.pid), "shows what the descriptors are"};
    if (so_far_.standing == Standing::healthy || so_far_.standing == Standing::unknown)
      return watch(longer(), "a slower growth than that would show");
    return {};
  }

 private:
  NextStep watch(const char* options, std::string why) const {
    const std::string& container = circumstances_.container;
    if (circumstances_.listing && !container.empty() && container != "host") {
      const bool pod = container == "kubectl";
      return {fmt::format(
                  "{0} cp walsoak-watch {1}:/tmp/ && {0} exec {1} {2}/tmp/walsoak-watch diagnose --pid {3}",
                  container, pod ? "POD" : "CONTAINER", pod ? "-- " : "", circumstances_.pid),
              why + "; walsoak-watch is one static file, and the pid is the container's own"};
    }
    return {fmt::format("{0} watch --pid {1} {2} --out RUN && {0} diagnose RUN", circumstances_.program,
                        circumstances_.pid, options),
            std::move(why)};
  }

  NextStep on_macos() const {
    return {
        fmt::format("for i in 1 2 3 4 5 6; do date; lsof -n -P -p {}; sleep 60; done > listings.txt; walsoak "
                    "diagnose --lsof listings.txt",
                    circumstances_.pid == "N" ? "PID" : circumstances_.pid),
        "macOS has no /proc to watch: six listings with their times tell what grows; neither locks nor "
        "deleted "
        "files are shown there, but for a second NODE at one path"};
  }

  // Which of the causes of a pile it is, the connections tell that are opened and closed.
  NextStep by_connections() const {
    if (!circumstances_.preloads)
      return {fmt::format("strace -f -k -e trace=openat,close -P DATABASE -p {}", circumstances_.pid),
              "nothing can be preloaded into a static or musl program, so that walsoak trace counts no "
              "connections "
              "there: the stack of each open of the database names the code that opens and does not close"};
    return {
        "walsoak trace -- COMMAND",
        "counts the connections that the program opens and closes, by thread: more open than closed is an "
        "unclosed connection, as many and still held a zombie" +
            manner()};
  }

  NextStep by_call() const {
    if (!circumstances_.preloads || circumstances_.container == "host")
      return {fmt::format("walsoak trace --pid {} --for 60s", circumstances_.pid),
              circumstances_.preloads
                  ? "names the call that drops the lock, from outside the container; as root"
                  : "names the call that drops the lock, by strace: nothing can be preloaded into a static "
                    "or musl "
                    "program"};
    return {"walsoak trace -- COMMAND",
            "names the call, with its stack and Python line, that drops the lock" + manner()};
  }

  // How COMMAND is to be called for this kind of program.
  std::string manner() const {
    const nlohmann::ordered_json command = evidence_.subject().value("command", nlohmann::ordered_json());
    const std::string name = command.is_string() ? command.get<std::string>() : "";
    if (name.starts_with("php-fpm") || name.starts_with("php"))
      return "; of php-fpm in the foreground with one worker (php-fpm -F), which ends in good order";
    return {};
  }

  const char* longer() const {
    const double seconds = static_cast<double>(evidence_.span_us()) / 1e6;
    return seconds < 60     ? "--every 10s --for 10m"
           : seconds < 1800 ? "--every 60s --for 2h"
                            : "--every 60s --for 8h";
  }

  bool asks(const Names& names, bool open) const {
    return std::any_of(so_far_.questions.begin(), so_far_.questions.end(), [&](const Question& question) {
      const Candidate& first = question.candidates.front();
      return open != first.certain && !question.harmless && is_one_of(names, first.name);
    });
  }

  const facts::ProcessHistory& evidence_;
  const Circumstances& circumstances_;
  const Parts& parts_;
  const Diagnosis& so_far_;
};

// Whether some of them are named or possible.
bool asks_about(const Names& names, const Diagnosis& so_far) {
  return std::any_of(so_far.questions.begin(), so_far.questions.end(), [&](const Question& question) {
    return !question.harmless &&
           std::any_of(question.candidates.begin(), question.candidates.end(),
                       [&](const Candidate& candidate) { return is_one_of(names, candidate.name); });
  });
}

}  // namespace

NextStep next_step(const facts::ProcessHistory& evidence, const Circumstances& circumstances,
                   const Parts& parts, const Diagnosis& so_far) {
  return Advice(evidence, circumstances, parts, so_far).step();
}

std::string do_now(const Diagnosis& so_far, const Circumstances& circumstances) {
  struct Rule {
    Names names;
    std::string text;
  };
  const std::string pid = circumstances.pid == "N" ? "PID" : circumstances.pid;
  const std::string copies =
      circumstances.macos
          ? "copy the database with its -wal and -shm"
          : fmt::format("copy the database with its -wal, and the deleted files out of /proc/{}/fd", pid);
  // A deleted -wal is what only this process has: it comes before whatever else is seen.
  const Rule rules[] = {
      {{kSplitGeneration, kSidecarsRemoved},
       copies +
           ", before anything is stopped: an orderly stop may write the deleted -wal over the live file"},
      {{kReplacedBoard},
       copies + ", before the process is stopped: what it committed may be in no other file"},
      {{kStaleCheckpoint}, "copy the database with its -wal, and let no process write to it"},
      {{kLockLost, kIndexLockLost, kSecondCopy},
       "let no other program open and close the database (sqlite3, a cron job, a backup) until this process "
       "was "
       "restarted"},
      {{kDescriptorExhaustion},
       circumstances.macos
           ? "restart the process, or raise its limit: opens fail, and nothing is lost by that"
           : fmt::format("raise the limit of the running process (prlimit --pid {} --nofile=4096): "
                         "opens fail, and nothing is lost by that",
                         pid)},
      {{kOtherMainDescriptors},
       "nothing at once: a restart frees the descriptors; closing raw ones while connections are open loses "
       "the "
       "locks"},
      {{kUnclosedConnection, kZombieConnection, kDeferredCollection, kConnectionPerThread, kPerDatabase,
        kNotSqlite, kOtherWalDescriptors},
       "nothing at once: no data is at risk by that alone, and a restart frees the descriptors"},
      {{kCheckpointStarvation},
       "end the reader that stays, in whatever process; the -wal holds committed rows: never delete it"},
  };
  for (const Rule& rule : rules)
    if (asks_about(rule.names, so_far)) return rule.text;
  return so_far.standing == Standing::unknown ? "nothing: too little is seen for any step"
                                              : "nothing: nothing that harms is seen";
}

}  // namespace walsoak::judgement
