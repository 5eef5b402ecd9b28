#include "plot.hpp"

#include <cstdio>
#include <cstdlib>
#include <sstream>
#include <stdexcept>

namespace demo {

namespace {

constexpr auto style = R"(
set encoding utf8
set terminal svg size 1000,380 font 'sans-serif,13' background '#ffffff'
unset key
set style fill solid noborder
set boxwidth 0.72
set border 1 lc '#888888'
set tics nomirror scale 0
set grid ytics lc '#dddddd' lt 1
set xrange [0.4:10.6]
set yrange [0:*]
set offsets 0, 0, graph 0.18, 0
set format y "%'.0f"
set xtics font ',11'
set xlabel 'profile and the bandwidth that it asks for' tc '#444444' offset 0,-0.6
set title font ',15' offset 0,0.3
)";

constexpr auto charts = R"(
set multiplot layout 1,2 margins 0.055,0.985,0.21,0.87 spacing 0.07
set title 'Throughput in MB/s'
plot $data using 1:3:xtic(2) with boxes lc '#2f6f9f', \
  '' using 1:3:(sprintf('%.0f', $3)) with labels offset 0,0.7 tc '#444444'
set title 'Interactivity: thousand computations per second'
set label 1 sprintf('dotted: %.1f while nobody writes', alone) at graph 0.01,0.96 \
  tc '#444444'
plot $data using 1:4:xtic(2) with boxes lc '#c8742a', \
  '' using 1:4:(sprintf('%.1f', $4)) with labels offset 0,0.7 tc '#444444', \
  alone with lines lc '#444444' dt 2
unset multiplot
)";

/// Returns a text as a string literal of gnuplot.
std::string quoted(const std::string& text) {
  std::string res{"'"};
  for (auto c : text)
    res += c == '\'' ? "''" : std::string{c};
  return res + "'";
}

std::string script(const std::string& file, const std::vector<balance>& all,
                   const balance& alone) {
  std::ostringstream out;
  out << style << "set output " << quoted(file) << "\n$data << END\n";
  for (size_t i = 0; i < all.size(); ++i)
    out << i + 1 << " \"" << all[i].profile.name << "\\n"
        << all[i].profile.bandwidth_pct << " %\" " << all[i].bytes_per_s() / 1e6
        << ' ' << all[i].computations_per_s() / 1e3 << '\n';
  out << "END\nalone = " << alone.computations_per_s() / 1e3 << charts;
  return out.str();
}

} // namespace

void require_gnuplot() {
  if (std::system("command -v gnuplot > /dev/null") != 0)
    throw std::runtime_error{"--plot needs gnuplot, which is not installed "
                             "(Debian: apt-get install gnuplot-nox)"};
}

void plot(const std::string& file, const std::vector<balance>& all,
          const balance& alone) {
  auto* gnuplot = ::popen("gnuplot", "w");
  if (!gnuplot)
    throw std::runtime_error{"cannot start gnuplot"};
  std::fputs(script(file, all, alone).c_str(), gnuplot);
  if (::pclose(gnuplot) != 0)
    throw std::runtime_error{"gnuplot failed to draw " + file};
}

} // namespace demo
