// SPDX-License-Identifier: Apache-2.0
// CSV with a header, as RFC 4180: quoted cells may hold delimiters, line breaks and doubled quotes. The delimiter is
// the first comma, semicolon, tab or space of the header. Plain or gzip.
#include <experiment/files.h>
#include <network/error.h>

#include <fmt/format.h>

#include <set>

namespace volley {
namespace {

class Reader {
 public:
  Reader(const std::string& path, std::string_view text) : path_(path), text_(text) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    const std::size_t mark = text_.substr(0, text_.find_first_of("\r\n")).find_first_of(",;\t");
    const std::size_t space = text_.substr(0, text_.find_first_of("\r\n")).find(' ');
    if (mark != text_.npos) delimiter_ = text_[mark];
    else if (space != text_.npos) delimiter_ = ' ';
  }

  bool at_end() const { return at_ == text_.size(); }
  std::uint32_t line() const { return line_; }

  void skip_empty_lines() {
    while (!at_end() && (text_[at_] == '\n' || text_[at_] == '\r')) end_line();
  }

  // The cells of the next row.
  std::vector<std::string> row(Table::Place& place) {
    place = {line_, {}};
    std::vector<std::string> cells;
    while (true) {
      place.column.push_back(column_);
      cells.push_back(cell());
      if (at_end() || text_[at_] != delimiter_) break;
      advance();
    }
    end_line();
    return cells;
  }

 private:
  void advance() { ++at_, ++column_; }
  void end_line() {
    if (at_end()) return;
    if (text_[at_] == '\r') advance();
    if (!at_end() && text_[at_] == '\n') advance();
    ++line_;
    column_ = 1;
  }
  bool at_cell_end() const {
    return at_end() || text_[at_] == delimiter_ || text_[at_] == '\n' || text_[at_] == '\r';
  }
  [[noreturn]] void fail(std::uint32_t line, std::uint32_t column, const std::string& what) const {
    throw InputError(fmt::format("{}:{}:{}: {}", path_, line, column, what));
  }

  std::string cell() {
    while (!at_cell_end() && (text_[at_] == ' ' || text_[at_] == '\t')) advance();
    if (!at_end() && text_[at_] == '"') return quoted();
    const std::size_t begin = at_;
    while (!at_cell_end()) advance();
    std::string_view s = text_.substr(begin, at_ - begin);
    s = s.substr(0, s.find_last_not_of(" \t") + 1);
    if (s.find('"') != s.npos) fail(line_, column_, fmt::format("a quote inside the unquoted cell '{}'", s));
    return std::string(s);
  }

  std::string quoted() {
    const std::uint32_t line = line_, column = column_;
    std::string s;
    for (advance();; advance()) {
      if (at_end()) fail(line, column, "a quoted cell that never ends");
      if (text_[at_] == '"') {
        if (at_ + 1 == text_.size() || text_[at_ + 1] != '"') break;
        advance();
      } else if (text_[at_] == '\n') {
        ++line_;
        column_ = 0;
      }
      s += text_[at_];
    }
    advance();
    while (!at_cell_end() && text_[at_] == ' ') advance();
    if (!at_cell_end())
      fail(line_, column_, fmt::format("'{}' after a quoted cell; a delimiter belongs there", text_[at_]));
    return s;
  }

  const std::string& path_;
  std::string_view text_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 1, column_ = 1;
  char delimiter_ = ',';
};

// All rows from here on; `model` is the line that says how many cells there are.
void read_rows(Reader& reader, Table& t, std::string_view model) {
  Table::Place place;
  while (true) {
    const std::uint32_t line = reader.line();
    reader.skip_empty_lines();
    if (reader.at_end()) break;
    if (reader.line() != line)  // between rows a value might have gone missing unseen
      throw InputError(fmt::format("{}:{}:1: an empty line; a missing value is written \"\"", t.file, line));
    t.rows.push_back(reader.row(place));
    if (t.rows.back().size() != t.columns.size())
      throw InputError(fmt::format("{}:{}:{}: {} cells; the {} has {}", t.file, place.line, place.column.back(),
                                   t.rows.back().size(), model, t.columns.size()));
    t.places.push_back(place);
  }
}

}  // namespace

Table read_csv(const std::string& path) {
  const std::string text = read_unpacked(path);
  Reader reader(path, text);
  Table t{.file = path};
  Table::Place place;
  if (!reader.at_end()) t.columns = reader.row(place);
  if (t.columns.empty() || (t.columns.size() == 1 && t.columns[0].empty()))
    throw InputError(fmt::format("{}:1:1: no header; the first line names the columns", path));
  std::set<std::string> names;
  for (std::size_t i = 0; i < t.columns.size(); ++i)
    if (!names.insert(t.columns[i]).second)
      throw InputError(fmt::format("{}:1:{}: a second column '{}'", path, place.column[i], t.columns[i]));

  read_rows(reader, t, "header");
  return t;
}

Table read_bare_csv(const std::string& path) {
  const std::string text = read_unpacked(path);
  Reader first(path, text), reader(path, text);
  Table t{.file = path};
  Table::Place place;
  if (first.at_end()) throw InputError(fmt::format("{}:1:1: an empty file", path));
  const std::size_t columns = first.row(place).size();
  for (std::size_t k = 1; k <= columns; ++k) t.columns.push_back(std::to_string(k));
  read_rows(reader, t, "first line");
  return t;
}

}  // namespace volley
