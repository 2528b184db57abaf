#include "harness/lab/session/rows_seen.h"

#include "harness/evidence/facts/data.h"

namespace walsoak::lab {

using protocol::Message;

Message rows_line(std::int64_t tick, const std::vector<std::string>& boards, const Message& acknowledged,
                  const Message& inside, const Message& outside) {
  facts::DataFacts facts;
  facts.accept({{"check", "acknowledged"}, {"boards", acknowledged}});
  facts.accept({{"check", "inside"}, {"boards", inside}});
  facts.accept({{"check", "outside"}, {"boards", outside}});
  Message line = {{"type", "rows"}, {"tick", tick}, {"boards", Message::object()}};
  for (const std::string& board : boards) {
    const std::int64_t logged = facts::row_count(facts.view("acknowledged", board).rows);
    const auto seen = [&](const char* look) {
      return facts.view(look, board).readable
                 ? Message(logged - facts::row_count(facts.lost_rows(look, board)))
                 : Message();
    };
    line["boards"][board] = {
        {"acknowledged", logged}, {"inside", seen("inside")}, {"outside", seen("outside")}};
  }
  return line;
}

}  // namespace walsoak::lab
