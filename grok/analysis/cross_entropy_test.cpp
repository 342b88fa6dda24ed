#include "grok/analysis/cross_entropy.h"

#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "grok/base/error.h"

namespace grok {
namespace {

TEST(CrossEntropy, is_log_n_for_a_guesser) {
  const std::vector<double> logits(4 * 113, -3.25);
  const std::vector<Token> labels{0, 5, 112, 7};
  const LossAndAccuracy got = cross_entropy(logits, 113, labels, all_rows(4));
  EXPECT_NEAR(got.loss, std::log(113.0), 1e-15);
  EXPECT_EQ(got.accuracy, 0.25) << "of equal logits the first counts as the guess";
}

TEST(CrossEntropy, keeps_its_digits_where_the_loss_is_tiny) {
  EXPECT_NEAR(cross_entropy_of_row(std::vector<double>{100, 0, 0}, 0) / (2 * std::exp(-100)), 1,
              1e-14);
  EXPECT_NEAR(cross_entropy_of_row(std::vector<double>{0, 600}, 1) / std::exp(-600), 1, 1e-12);
}

TEST(CrossEntropy, holds_for_logits_whose_exponentials_overflow) {
  EXPECT_NEAR(cross_entropy_of_row(std::vector<double>{1e4, 3e4, 2e4}, 0), 2e4, 1e-9);
  EXPECT_NEAR(cross_entropy_of_row(std::vector<double>{-1e4, -1e4}, 0), std::log(2), 1e-12);
}

TEST(CrossEntropy, agrees_with_the_textbook_and_takes_only_the_rows_it_is_given) {
  const std::vector<double> logits{1, 2, 3, 9, 9, 9, 0.5, -1, 0.25};
  const std::vector<Token> labels{1, 0, 2};
  const std::vector<std::int32_t> rows{0, 2};
  const auto textbook = [](double a, double b, double c, double label) {
    return std::log(std::exp(a) + std::exp(b) + std::exp(c)) - label;
  };
  const LossAndAccuracy got = cross_entropy(logits, 3, labels, rows);
  EXPECT_NEAR(got.loss, 0.5 * (textbook(1, 2, 3, 2) + textbook(0.5, -1, 0.25, 0.25)), 1e-15);
  EXPECT_EQ(got.accuracy, 0);
}

TEST(CrossEntropy, counts_every_class_however_many) {
  std::vector<double> logits(300);
  for (const std::size_t label : {0u, 127u, 128u, 255u, 299u}) {
    logits.assign(300, 0);
    logits[label] = 5;
    EXPECT_NEAR(cross_entropy_of_row(logits, label), std::log1p(299 * std::exp(-5)), 1e-14);
    EXPECT_NEAR(cross_entropy_of_row(logits, 1), 5 + std::log1p(299 * std::exp(-5)), 1e-14);
  }
}

TEST(CrossEntropy, of_a_network_that_diverged_is_no_number) {
  EXPECT_TRUE(std::isnan(cross_entropy_of_row(std::vector<double>{NAN, 1, 2}, 1)));
  EXPECT_TRUE(std::isnan(cross_entropy_of_row(std::vector<double>{1, NAN, 2}, 0)));
  EXPECT_TRUE(std::isnan(cross_entropy({}, 3, {}, {}).loss));
}

TEST(CrossEntropy, refuses_rows_and_labels_out_of_range) {
  const std::vector<double> logits(6);
  EXPECT_THROW(cross_entropy(logits, 3, std::vector<Token>{0, 3}, all_rows(2)), ContractBroken);
  EXPECT_THROW(cross_entropy(logits, 3, std::vector<Token>{0, 0}, all_rows(3)), ContractBroken);
  EXPECT_THROW(cross_entropy(logits, 4, std::vector<Token>{0, 0}, all_rows(2)), ContractBroken);
}

}  // namespace
}  // namespace grok
