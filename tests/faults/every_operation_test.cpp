// A fault at every file operation in turn: nothing acknowledged is lost, no file is damaged, and
// the run ends as if nothing had happened.

#include "tests/faults/every_operation.h"

#include <cstdio>

#include <gtest/gtest.h>

#include "tests/faults/print_violations.h"

namespace grok::faults {
namespace {

constexpr Fault all_faults[] = {Fault::die, Fault::short_write, Fault::full_once,
                                Fault::full_from_then_on, Fault::io_error_once};
constexpr Stage all_stages[] = {Stage::first, Stage::after_a_kill, Stage::over_leftovers};

int number_of(Fault fault) { return static_cast<int>(fault); }

const char* name_of(Fault fault) {
  constexpr const char* names[] = {"die", "short write", "full once", "full from then on",
                                   "I/O error once"};
  return names[number_of(fault)];
}

const char* name_of(Stage stage) {
  constexpr const char* names[] = {"first", "after a kill", "over leftovers"};
  return names[static_cast<int>(stage)];
}

// The quick test takes every n-th operation, another one for each kind of fault; the long one all.
void fail_all(Stage stage, int stride) {
  for (const Fault fault : all_faults) {
    const int first = 1 + (3 * number_of(fault)) % stride;
    const FaultSweep sweep = fail_operations(stage, fault, first, stride);
    EXPECT_TRUE(none(sweep.violations)) << name_of(stage) << ", " << name_of(fault);
    EXPECT_GT(sweep.n_faults, 0);
    EXPECT_GT(sweep.n_errors, sweep.n_faults / 3) << name_of(stage) << ", " << name_of(fault);
    std::printf("%s, %s: %d operations failed, %d errors\n", name_of(stage), name_of(fault),
                sweep.n_faults, sweep.n_errors);
  }
}

TEST(EveryOperation, may_fail_in_a_first_session) { fail_all(Stage::first, 19); }
TEST(EveryOperation, may_fail_when_a_killed_run_goes_on) { fail_all(Stage::after_a_kill, 23); }
TEST(EveryOperation, may_fail_where_a_deleted_run_left_files) {
  fail_all(Stage::over_leftovers, 61);
}

TEST(EveryOperation, would_show_a_store_that_ignores_what_a_write_returns) {
  for (const Fault fault : {Fault::short_write, Fault::full_once, Fault::full_from_then_on}) {
    EXPECT_FALSE(fail_operations(Stage::first, fault, 1, 29, StoreDefect::ignores_failed_writes)
                     .violations.empty())
        << name_of(fault);
  }
}

TEST(EveryOperation, would_show_an_acknowledgement_before_the_commit) {
  for (const Fault fault : {Fault::die, Fault::io_error_once})
    EXPECT_FALSE(
        fail_operations(Stage::first, fault, 40, 23, StoreDefect::acknowledges_before_it_commits)
            .violations.empty());
}

TEST(EveryOperation, would_show_a_resume_that_omits_or_doubles_rows) {
  for (const StoreDefect defect :
       {StoreDefect::resume_omits_rows, StoreDefect::resume_doubles_rows})
    EXPECT_FALSE(
        fail_operations(Stage::after_a_kill, Fault::die, 40, 400, defect).violations.empty());
}

TEST(LongEveryOperation, may_fail) {
  for (const Stage stage : all_stages) fail_all(stage, 1);
}

}  // namespace
}  // namespace grok::faults
