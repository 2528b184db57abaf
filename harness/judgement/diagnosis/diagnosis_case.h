// One cell's diagnosis as JSON, with what it was made from: docs/record.md, "A diagnosis".
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "harness/judgement/diagnosis/diagnosis.h"

namespace walsoak::judgement {

// Whether databases' paths and the command's arguments stand in it; db1, db2 ... and the command's name alone
// otherwise.
enum class Paths { left_out, shown };

// `circumstances.pid` is taken from the stream where that names one.
nlohmann::ordered_json case_json(const std::string& cell, const facts::ProcessHistory& evidence,
                                 Circumstances circumstances, Paths paths);

}  // namespace walsoak::judgement
