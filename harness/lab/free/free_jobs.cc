#include "harness/lab/free/free_jobs.h"

#include <algorithm>
#include <string>

#include "harness/lab/session/other_processes.h"

namespace walsoak::lab {
namespace {

using protocol::Message;

Message job(std::string_view name, Message steps, double interval_s, const Settings& settings) {
  return {{"job", name},
          {"steps", std::move(steps)},
          {"interval_us", real_us(interval_s, settings)},
          {"slots", nullptr}};
}

// What a dispatcher drops is collected in its own process.
Message dispatcher_job(std::string_view name, Message steps, const Settings& settings) {
  Message dispatcher = job(name, std::move(steps), settings.tick_interval_s, settings);
  if (settings.collector == Collector::every_n) dispatcher["collect_every"] = settings.collector_every;
  return dispatcher;
}

}  // namespace

std::int64_t real_us(double boards_s, const Settings& settings) {
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(boards_s * 1e6 / settings.time_scale));
}

Message gateway_jobs(const Settings& settings) {
  Message steps = Message::array();
  if (settings.auto_decompose != AutoDecompose::off) steps.push_back("triage");
  steps.push_back("dispatch");
  steps.push_back("probe");
  Message tick = dispatcher_job("tick", std::move(steps), settings);
  tick["slots"] = settings.ticks;

  Message jobs = Message::array();
  jobs.push_back(std::move(tick));
  if (settings.notifier > 0) {
    Message polls = Message::array();
    for (std::int64_t i = 0; i < settings.notifier; ++i) polls.push_back("notifier");
    jobs.push_back(job("notifier", std::move(polls), settings.notifier_interval_s, settings));
  }
  if (settings.slash_interval_s > 0) {
    jobs.push_back(job("slash", Message::array({"slash"}), settings.slash_interval_s, settings));
  }
  return jobs;
}

Message jobs_of_role(std::string_view role, const Settings& settings) {
  if (role == "dashboard") {
    return Message::array(
        {job("dashboard", Message::array({"dashboard"}), settings.dashboard_interval_s, settings)});
  }
  if (role == "outside") {
    return Message::array(
        {job("outside", Message::array({"outside-act"}), settings.outside_interval_s, settings)});
  }
  return Message::array({dispatcher_job(kSecondDispatcher, Message::array({"dispatch", "probe"}), settings)});
}

}  // namespace walsoak::lab
