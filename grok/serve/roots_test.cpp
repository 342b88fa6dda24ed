#include "grok/serve/roots.h"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/support/temporary_directory.h"

namespace grok::serve {
namespace {

namespace fs = std::filesystem;

class ServedRoots : public ::testing::Test {
 protected:
  fs::path write(const std::string& name) {
    const fs::path path = folder_.path() / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << "x";
    return path;
  }
  static std::vector<std::string> names(const Roots& roots) {
    std::vector<std::string> out;
    for (const RunEntry& entry : roots.list()) out.push_back(entry.name);
    return out;
  }
  TemporaryDirectory folder_;
};

TEST_F(ServedRoots, list_run_files_below_a_folder_and_single_ones) {
  write("in/b.grok");
  write("in/deep/er/a.grok");
  write("in/notes.txt");
  write("in/.hidden/c.grok");
  write("in/b.grok-wal");
  const fs::path single = write("elsewhere/single.grok");
  const Roots roots({folder_.path() / "in", single, folder_.path() / "not yet"});
  EXPECT_EQ(names(roots), (std::vector<std::string>{"b.grok", "deep/er/a.grok", "single.grok"}));
}

TEST_F(ServedRoots, name_no_file_outside_whatever_links_there_are) {
  const fs::path outside = write("outside/secret.grok");
  write("in/own.grok");
  fs::create_symlink(outside, folder_.path() / "in/link.grok");
  fs::create_directory_symlink(outside.parent_path(), folder_.path() / "in/folder");
  fs::create_symlink(folder_.path() / "in/own.grok", folder_.path() / "in/again.grok");
  const Roots roots({folder_.path() / "in"});
  const std::vector<RunEntry> found = roots.list();
  ASSERT_EQ(found.size(), 1U);  // again.grok is own.grok
  EXPECT_EQ(found[0].path, fs::canonical(folder_.path() / "in/own.grok"));
  EXPECT_FALSE(roots.find(Roots::id_of(fs::canonical(outside))));
}

TEST_F(ServedRoots, do_not_take_a_folder_for_its_neighbour) {
  const fs::path neighbour = write("in-addition/a.grok");
  write("in/b.grok");
  fs::create_symlink(neighbour, folder_.path() / "in/link.grok");
  EXPECT_EQ(names(Roots({folder_.path() / "in"})), std::vector<std::string>{"b.grok"});
}

TEST_F(ServedRoots, follow_no_link_that_took_the_place_of_a_file) {
  const fs::path own = write("in/own.grok");
  const fs::path outside = write("outside/secret.grok");
  const Roots roots({folder_.path() / "in"});
  const std::string id = roots.list().at(0).id;
  EXPECT_TRUE(roots.find(id));
  fs::remove(own);
  fs::create_symlink(outside, own);
  EXPECT_FALSE(roots.find(id));
}

TEST_F(ServedRoots, find_what_came_later_and_not_what_is_gone) {
  const fs::path path = folder_.path() / "later.grok";
  const Roots roots({path});
  EXPECT_TRUE(roots.list().empty());
  write("later.grok");
  const std::string id = Roots::id_of(fs::canonical(path));
  EXPECT_TRUE(roots.find(id));
  fs::remove(path);
  EXPECT_FALSE(roots.find(id));
}

TEST_F(ServedRoots, signatures_change_with_the_file_and_with_its_log) {
  const fs::path path = write("a.grok");
  EXPECT_FALSE(signature_of(folder_.path() / "none.grok"));
  const auto first = signature_of(path);
  write("a.grok-wal");
  const auto second = signature_of(path);
  EXPECT_NE(first, second);
  std::ofstream(path, std::ios::app) << "more";
  EXPECT_NE(signature_of(path), second);
  EXPECT_EQ(signature_of(path)->file, second->file);
  const fs::path other = write("b.grok");
  fs::rename(other, path);
  EXPECT_NE(signature_of(path)->file, second->file);
}

}  // namespace
}  // namespace grok::serve
