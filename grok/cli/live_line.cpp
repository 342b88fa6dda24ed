#include "grok/cli/live_line.h"

#include <iostream>
#include <sys/ioctl.h>
#include <unistd.h>

namespace grok::cli {
namespace {

std::size_t terminal_width() {
  winsize size{};
  const bool is_known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return is_known ? size.ws_col : 100;
}

}  // namespace

bool LiveLine::is_terminal_here() { return isatty(STDERR_FILENO) != 0; }

void LiveLine::draw(const std::string& text) {
  if (!is_terminal_) return;
  // A line that wraps could not be rewritten.
  const std::string cut = text.substr(0, terminal_width() - 1);
  std::cerr << "\r\x1b[K" << cut << std::flush;
  is_drawn_ = true;
}

void LiveLine::note(const std::string& text) {
  clear();
  std::cerr << text << '\n';
}

void LiveLine::clear() {
  if (is_drawn_) std::cerr << "\r\x1b[K" << std::flush;
  is_drawn_ = false;
}

}  // namespace grok::cli
