#include "write/write_text.hpp"

#include "catch.hpp"

using namespace spindle;
using namespace spindle::tool;
using namespace std::literals;

TEST_CASE("sizes are shown with three digits") {
  CHECK(short_size(0) == "0B");
  CHECK(short_size(999) == "999B");
  CHECK(short_size(1000) == "0.98KiB");
  CHECK(short_size(1024) == "1.00KiB");
  CHECK(short_size(10 * 1024) == "10.0KiB");
  CHECK(short_size(1023.99 * 1024) == "1.00MiB");
  CHECK(short_size(20 << 20) == "20.0MiB");
  CHECK(short_size(1e18) == "909495TiB");
}

TEST_CASE("durations are shown in readable units") {
  CHECK(short_time(-1) == "0s");
  CHECK(short_time(59.4) == "59s");
  CHECK(short_time(59.6) == "1m00s");
  CHECK(short_time(3599) == "59m59s");
  CHECK(short_time(3720) == "1h02m");
  CHECK(short_time(1e300) == "277h46m");
}

TEST_CASE("the progress shows the known values") {
  progress_figures now{.done = 250, .rate_bytes_per_s = 25, .duty_pct = 45};
  CHECK(progress_text(now) == "250B, 25B/s, duty 45%");
  CHECK(progress_bar(now) == progress_text(now));
  now.total = 500;
  CHECK(progress_text(now) == "250B of 500B (50%), 25B/s, duty 45%, 10s left");
  CHECK(progress_bar(now)
        == "[############............] "
           "250B of 500B (50%), 25B/s, duty 45%, 10s left");
  // The source may have grown while it was read.
  now.total = 100;
  CHECK(progress_text(now) == "250B of 100B (100%), 25B/s, duty 45%");
  now.total = 500;
  now.rate_bytes_per_s = 0;
  CHECK(progress_text(now) == "250B of 500B (50%), 0B/s, duty 45%");
  // Without a writer, there is no duty.
  now.duty_pct.reset();
  CHECK(progress_text(now) == "250B of 500B (50%), 0B/s");
}

TEST_CASE("the rate of a writer is that of the last chunks") {
  writer_status now{
    .written = 250, .recent_duty_pct = 45, .recent_rate_bytes_per_s = 25};
  CHECK(progress_text(figures_of(now, 500))
        == "250B of 500B (50%), 25B/s, duty 45%, 10s left");
  CHECK(progress_text(figures_of(now, std::nullopt))
        == "250B, 25B/s, duty 45%");
}

TEST_CASE("the summary shows the totals") {
  writer_status last{.written = 2048, .duty_pct = 45, .rate_bytes_per_s = 1024};
  CHECK(summary_text(last) == "2.00KiB written");
  last.started_after = 1s;
  last.finished_after = 3s;
  CHECK(summary_text(last) == "2.00KiB written in 2.00s, 1.00KiB/s, duty 45%");
}
