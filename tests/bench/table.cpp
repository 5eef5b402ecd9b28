#include "table.hpp"

#include <cstdio>
#include <fstream>
#include <stdexcept>

namespace bench {

namespace {

std::string text_of(const char* format, std::optional<double> x) {
  if (!x)
    return "";
  char buf[32];
  std::snprintf(buf, sizeof(buf), format, *x);
  return buf;
}

/// Returns the format that shows about three digits.
const char* format_of(double x) {
  return x < 10 ? "%.2f" : x < 1000 ? "%.1f" : "%.0f";
}

void print_line() {
  std::printf("%s\n", std::string(122, '-').c_str());
}

} // namespace

void print_head() {
  std::printf("%-14s %-9s %-34s %12s %-9s %6s %7s %7s %6s %9s\n", "measure",
              "where", "who", "value", "unit", "/bare", "/libuv", "/uv 64",
              "/peer", "aim");
  print_line();
}

void print_title(const std::string& text) {
  std::printf("%s\n", text.c_str());
  print_line();
  std::fflush(stdout);
}

void print(const std::vector<row>& rows) {
  for (const auto& x : rows)
    std::printf(
      "%-14s %-9s %-34s %12s %-9s %6s %7s %7s %6s %9s\n", x.measure.c_str(),
      x.where.c_str(), x.who.c_str(),
      text_of(format_of(x.value), x.value).c_str(), x.unit.c_str(),
      text_of("%.2f", x.of_bare).c_str(), text_of("%.2f", x.of_libuv).c_str(),
      text_of("%.2f", x.of_libuv_64).c_str(),
      text_of("%.2f", x.of_peer).c_str(), text_of("%.0f", x.aim).c_str());
  print_line();
  std::fflush(stdout);
}

void write_csv(const std::string& path, const std::vector<row>& rows) {
  std::ofstream out{path};
  out << "measure,where,who,value,unit,of_bare,of_libuv,aim,of_libuv_64,of_"
         "peer\n";
  for (const auto& x : rows)
    out << x.measure << ',' << x.where << ",\"" << x.who << "\"," << x.value
        << ',' << x.unit << ',' << text_of("%.4f", x.of_bare) << ','
        << text_of("%.4f", x.of_libuv) << ',' << text_of("%.0f", x.aim) << ','
        << text_of("%.4f", x.of_libuv_64) << ',' << text_of("%.4f", x.of_peer)
        << '\n';
  out.flush();
  if (!out)
    throw std::runtime_error{"cannot write " + path};
}

} // namespace bench
