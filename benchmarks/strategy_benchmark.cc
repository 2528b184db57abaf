// What a tick costs under each strategy: triage, dispatch and probe as the subject carries them out, on 1 and
// on 30 real boards, without workers. scripts/bench turns the times into ratios.
#include <fmt/format.h>

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/program.h"
#include "harness/boards/sqlite/counting_vfs.h"
#include "harness/subject/gateway/steps.h"
#include "tests/board/boards.h"

namespace walsoak {
namespace {

using protocol::Message;

// A strategy that has so many connections more than after its first tick begins anew, outside the timing:
// its figure is that of a process which has not run for long.
constexpr std::int64_t kMostGrown = 8;

// One run folder for the whole program, so that every strategy meets the same rows.
class SharedBoards {
 public:
  std::vector<board::Board> first(std::size_t count) {
    for (std::size_t index = boards_.size(); index < count; ++index) {
      boards_.push_back(folder_.seeded(board_name(static_cast<std::int64_t>(index) + 1), {}, index));
    }
    return {boards_.begin(), boards_.begin() + static_cast<std::ptrdiff_t>(count)};
  }
  std::string acknowledgements() const { return folder_.acknowledgements(); }

 private:
  const tests::Boards folder_;
  std::vector<board::Board> boards_;
};

// The gateway of a cell without its conversation. Steps run on threads as in lockstep; all of a tick's go to
// the pool's first one, or to the dedicated one where the strategy declares it.
class Cell {
 public:
  Cell(std::string_view strategy, std::size_t boards, SharedBoards& shared, sqlite::VfsLedger& vfs)
      : settings_(tests::settings_with({{"strategy", strategy}, {"boards", boards}, {"workers", 0}})),
        boards_(shared.first(boards)),
        vfs_(vfs),
        log_(shared.acknowledgements(), "dispatcher") {
    begin();
  }
  ~Cell() { gateway_->close_everything(0); }
  Cell(const Cell&) = delete;
  Cell& operator=(const Cell&) = delete;

  void tick() {
    if (settings_.auto_decompose != AutoDecompose::off) carry_out("triage");
    carry_out("dispatch");
    carry_out("probe");
    if (settings_.collector == Collector::every_n && (tick_ + 1) % settings_.collector_every == 0) {
      carry_out("collect");
    }
    ++tick_;
  }

  // Begins anew where connections have grown.
  void keep_small() {
    if (open_connections() <= settled_ + kMostGrown) return;
    gateway_->close_everything(0);
    begin();
  }

 private:
  // The first tick creates schemas, starts threads, promotes what can be promoted: it is no tick like the
  // others.
  void begin() {
    gateway_ = std::make_unique<subject::Gateway>(settings_, boards_, api_);
    tick_ = 0;
    tick();
    settled_ = open_connections();
  }

  void carry_out(const char* step) {
    const Message message = {
        {"step", step}, {"id", 0}, {"tick", tick_}, {"time_s", tests::kNow}, {"thread", 0}};
    const Message done =
        subject::carry_out({*gateway_, spawner_, log_, log_, "", children_, api_, vfs_}, message);
    for (const Message& board : done.value("boards", Message::array())) {
      if (!board.at("ok").get<bool>()) throw std::runtime_error(fmt::format("{}: {}", step, board.dump()));
    }
  }

  std::int64_t open_connections() const {
    std::int64_t open = 0;
    for (const board::Board& board : boards_) open += api_.counts(board.path).open();
    return open;
  }

  const Settings settings_;
  const std::vector<board::Board> boards_;
  sqlite::VfsLedger& vfs_;
  sqlite::ApiLedger api_;
  board::AcknowledgementLog log_;
  std::map<std::int64_t, subject::ForkedChild> children_;  // none: nothing forks here
  subject::Spawner spawner_{{}, {}, 0};
  std::unique_ptr<subject::Gateway> gateway_;
  std::int64_t tick_ = 0, settled_ = 0;
};

void ticks(benchmark::State& state, Cell& cell) {
  for (auto _ : state) {
    cell.tick();
    state.PauseTiming();
    cell.keep_small();
    state.ResumeTiming();
  }
}

}  // namespace
}  // namespace walsoak

int main(int argc, char** argv) {
  using namespace walsoak;
  sqlite::VfsLedger& vfs = sqlite::install_counting_vfs();
  SharedBoards shared;
  for (const std::size_t boards : {1, 30}) {
    for (const Declaration& strategy : declared_strategies()) {
      const std::string name =
          fmt::format("tick of {} board{}/{}", boards, boards == 1 ? "" : "s", strategy.name);
      const auto run = [&vfs, &shared, boards, strategy](benchmark::State& state) {
        Cell cell(strategy.name, boards, shared, vfs);
        ticks(state, cell);
      };
      benchmark::RegisterBenchmark(name.c_str(), run)
          ->MeasureProcessCPUTime()
          ->UseRealTime()
          ->Unit(benchmark::kMicrosecond);
    }
  }
  return benchmarks::run_program(argc, argv);
}
