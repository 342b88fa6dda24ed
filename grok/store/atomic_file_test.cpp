#include "grok/store/atomic_file.h"

#include <csignal>
#include <sys/resource.h>
#include <sys/stat.h>
#include <vector>

#include <gtest/gtest.h>

#include "grok/store/writer_lock.h"
#include "tests/support/expect_error.h"
#include "tests/support/temporary_directory.h"

namespace grok {
namespace {

std::vector<std::byte> bytes(std::size_t n, unsigned value) {
  return std::vector<std::byte>(n, std::byte(value));
}

TEST(atomic_file, replaces_the_old_file_whole) {
  const TemporaryDirectory directory;
  write_file_atomically(directory / "f", bytes(100000, 1));
  write_file_atomically(directory / "f", bytes(3, 2));
  EXPECT_EQ(read_file(directory / "f"), bytes(3, 2));
  write_file_atomically(directory / "f", {});
  EXPECT_TRUE(read_file(directory / "f").empty());
  EXPECT_EQ(directory.n_files(), 1u);
}

TEST(atomic_file, keeps_the_old_file_when_the_disk_is_full) {
  const TemporaryDirectory directory;
  write_file_atomically(directory / "f", bytes(10, 1));
  std::signal(SIGXFSZ, SIG_IGN);
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  const rlimit small{5000, before.rlim_max};
  ::setrlimit(RLIMIT_FSIZE, &small);  // stands for a full disk: both make write() fail
  EXPECT_TRUE(fails_with(ErrorCode::unavailable, "f: cannot write: File too large",
                         [&] { write_file_atomically(directory / "f", bytes(10000, 2)); }));
  ::setrlimit(RLIMIT_FSIZE, &before);
  EXPECT_EQ(read_file(directory / "f"), bytes(10, 1));
  EXPECT_EQ(directory.n_files(), 1u);  // no temporary file stays
}

TEST(atomic_file, comes_into_its_place_when_all_pieces_are_written) {
  const TemporaryDirectory directory;
  write_file_atomically(directory / "f", bytes(3, 1));
  {
    AtomicFile given_up(directory / "f");
    given_up.write(bytes(5, 2));
  }
  EXPECT_EQ(read_file(directory / "f"), bytes(3, 1));
  EXPECT_EQ(directory.n_files(), 1u);
  AtomicFile file(directory / "f");
  file.write(bytes(2, 3));
  file.write(bytes(2, 3));
  EXPECT_EQ(read_file(directory / "f"), bytes(3, 1));
  file.commit();
  EXPECT_EQ(read_file(directory / "f"), bytes(4, 3));
  EXPECT_EQ(directory.n_files(), 1u);
}

TEST(atomic_file, says_why_it_cannot_write) {
  const TemporaryDirectory directory;
  EXPECT_TRUE(fails_with(ErrorCode::not_found, "none/f: cannot create: No such file",
                         [&] { write_file_atomically(directory / "none/f", {}); }));
  std::filesystem::create_directory(directory / "d");
  EXPECT_TRUE(fails_with(ErrorCode::unavailable, "d: is a directory, not a file",
                         [&] { write_file_atomically(directory / "d", {}); }));
  EXPECT_EQ(directory.n_files(), 1u);
}

TEST(atomic_file, does_not_wait_for_a_pipe) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(fails_with(ErrorCode::unavailable, "is a device or pipe",
                         [&] { read_file(directory / "pipe"); }));
}

// A file in the place of a device node would be somebody's /dev/null.
TEST(atomic_file, takes_no_devices_place_and_follows_links) {
  const TemporaryDirectory directory;
  ASSERT_EQ(::mkfifo((directory / "pipe").c_str(), 0600), 0);
  EXPECT_TRUE(fails_with(ErrorCode::unavailable, "pipe: is a device or pipe",
                         [&] { write_file_atomically(directory / "pipe", bytes(3, 1)); }));
  EXPECT_TRUE(std::filesystem::is_fifo(directory / "pipe"));
  write_file_atomically(directory / "f", bytes(3, 1));
  std::filesystem::create_symlink("f", directory / "link");
  write_file_atomically(directory / "link", bytes(4, 2));
  EXPECT_TRUE(std::filesystem::is_symlink(directory / "link"));
  EXPECT_EQ(read_file(directory / "f"), bytes(4, 2));
}

TEST(writer_lock, is_held_by_one_and_leaves_nothing) {
  const TemporaryDirectory directory;
  {
    const WriterLock lock(directory / "a");
    EXPECT_TRUE(fails_with(ErrorCode::unavailable, "another program is writing",
                           [&] { WriterLock second(directory / "a"); }));
    const WriterLock other(directory / "b");
    EXPECT_EQ(directory.n_files(), 2u);
  }
  EXPECT_EQ(directory.n_files(), 0u);
  const WriterLock again(directory / "a");
}

TEST(writer_lock, is_not_held_by_what_a_killed_program_left) {
  const TemporaryDirectory directory;
  write_text(directory / "a-lock", "");
  const WriterLock lock(directory / "a");
}

}  // namespace
}  // namespace grok
