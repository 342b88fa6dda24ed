// Every byte of a small run file damaged in turn, and the file cut at every length: each time it is
// refused, or all that is read from it is what was recorded. Nothing is ever silently different.

#include <cstdio>
#include <filesystem>
#include <functional>

#include <gtest/gtest.h>

#include "grok/base/rng.h"
#include "tests/formats/edit_run.h"
#include "tests/formats/read_everything.h"
#include "tests/formats/tiny_run.h"
#include "tests/support/temporary_directory.h"

namespace grok::formats {
namespace {

enum class Outcome { refused, same, different };

class Damager {
 public:
  Damager() : whole_(tiny_run_bytes()) {
    write_text(path_, whole_);
    original_ = read_everything(path_);
  }

  std::size_t size() const { return whole_.size(); }
  const std::filesystem::path& path() const { return path_; }

  Outcome with_byte(std::size_t at, unsigned char mask) {
    std::string bytes = whole_;
    bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ mask);
    write_text(path_, bytes);
    return outcome();
  }
  Outcome cut_to(std::size_t n) {
    write_text(path_, whole_.substr(0, n));
    return outcome();
  }
  Outcome after(const std::function<void(const std::filesystem::path&)>& change) {
    write_text(path_, whole_);
    change(path_);
    return outcome();
  }

 private:
  Outcome outcome() const {
    // Left by a reader of a file that says it has a write-ahead log.
    for (const char* ending : {"-wal", "-shm"}) std::filesystem::remove(path_.string() + ending);
    try {
      return read_everything(path_) == original_ ? Outcome::same : Outcome::different;
    } catch (const Error&) {
      return Outcome::refused;
    }
  }

  TemporaryDirectory directory_;
  std::filesystem::path path_ = directory_ / "damaged.grok";
  const std::string& whole_;
  std::string original_;
};

struct Count {
  int refused = 0, same = 0, different = 0;
  void add(Outcome outcome) {
    ++(outcome == Outcome::refused ? refused : outcome == Outcome::same ? same : different);
  }
};

// Every `stride`th byte, inverted and with one bit flipped.
void flip(std::size_t stride) {
  Damager damager;
  const Rng rng(1, "damage");
  Count count;
  for (std::size_t at = 0; at < damager.size(); at += stride) {
    const auto bit = static_cast<unsigned char>(1u << rng.below(at, 8));
    for (const unsigned char mask : {static_cast<unsigned char>(0xFF), bit}) {
      const Outcome outcome = damager.with_byte(at, mask);
      count.add(outcome);
      EXPECT_NE(outcome, Outcome::different) << "page " << at / 4096 + 1 << ", byte " << at % 4096
                                             << " (file's byte " << at << "), mask " << int{mask};
    }
  }
  EXPECT_GT(count.refused, count.same / 4);
  std::printf("%d flips refused, %d harmless, %d silently different\n", count.refused, count.same,
              count.different);
}

void cut(std::size_t stride) {
  Damager damager;
  for (std::size_t n = 0; n < damager.size(); n += stride)
    EXPECT_EQ(damager.cut_to(n), Outcome::refused) << "cut to " << n << " bytes";
}

TEST(Damage, of_any_37th_byte_is_refused_or_harmless) { flip(37); }
TEST(Damage, by_cutting_at_any_37th_byte_is_refused) { cut(37); }

TEST(LongDamage, of_any_byte_is_refused_or_harmless) { flip(1); }
TEST(LongDamage, by_cutting_anywhere_is_refused) { cut(1); }

TEST(Damage, is_not_seen_where_there_is_none) {
  Damager damager;
  EXPECT_EQ(damager.after([](const auto&) {}), Outcome::same);
  EXPECT_GT(damager.size(), 20'000u);
  const RunFile file = RunFile::open(damager.path(), Access::read);
  EXPECT_FALSE(file.metrics().empty() || file.array_metric_names().empty() ||
               file.keyframe_steps().empty() || file.events().empty());
}

// What a reader would see that does not look at checksums: the test must call it different.
TEST(Damage, that_passes_every_check_is_called_silently_different) {
  Damager damager;
  for (const char* sql :
       {"UPDATE metric SET value = value + 1e-9 WHERE step = 6 AND name = 'test_loss'",
        "UPDATE metric SET name = 'other' WHERE step = 6 AND name = 'test_loss'",
        "DELETE FROM metric WHERE step = 6 AND name = 'test_loss'",
        "UPDATE array_metric SET data = zeroblob(length(data)) WHERE name = 'embedding_spectrum'",
        "UPDATE manifest SET json = replace(json, '0', '1')",
        "UPDATE spec SET json = replace(json, '\"p\":5', '\"p\":7')",
        "UPDATE event SET detail = replace(detail, 'done', 'diverged')",
        "UPDATE keyframe SET data = (SELECT data FROM keyframe WHERE step = 0)"})
    EXPECT_EQ(damager.after([&](const auto& path) { forge_run(path, sql); }), Outcome::different)
        << sql;
}

}  // namespace
}  // namespace grok::formats
