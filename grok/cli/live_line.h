#pragma once
// One line on standard error that is rewritten in place, among others that stay.

#include <string>

namespace grok::cli {

class LiveLine {
 public:
  /// Without a terminal nothing is drawn, and only notes appear.
  explicit LiveLine(bool is_terminal = is_terminal_here()) : is_terminal_(is_terminal) {}
  ~LiveLine() { clear(); }
  LiveLine(const LiveLine&) = delete;
  LiveLine& operator=(const LiveLine&) = delete;

  bool is_terminal() const { return is_terminal_; }
  /// Puts `text`, cut to the terminal's width, in place of what was drawn before.
  void draw(const std::string& text);
  /// A line that stays, above the one that is drawn.
  void note(const std::string& text);
  void clear();

  /// True if the program's standard error is a terminal.
  static bool is_terminal_here();

 private:
  bool is_terminal_;
  bool is_drawn_ = false;
};

}  // namespace grok::cli
