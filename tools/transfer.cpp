#include "transfer.hpp"

#include "file_text.hpp"
#include "progress_text.hpp"

#include <utility>

namespace spindle::tool {

namespace {

/// The checksums of both sides.
struct checksums {
  std::string source;
  std::string target;
};

/// Waits for checksums that are computed at the same time.
attempt<checksums> both(const pending_answer& source,
                        const pending_answer& target) {
  auto x = disk_access::output_of<std::string>(source);
  auto y = disk_access::output_of<std::string>(target);
  if (!x || !y)
    return tl::unexpected{!x ? x.error() : y.error()};
  return checksums{*std::move(x), *std::move(y)};
}

std::string shown(uint64_t bytes) {
  return short_size(static_cast<double>(bytes));
}

} // namespace

transfer::transfer(transfer_job job, transfer_events events)
    : job_(std::move(job)),
      events_(std::move(events)),
      part_(job_.to, job_.target) {}

attempt<void> transfer::run() {
  return look_at_source()
    .and_then([this] { return look_at_part(); })
    .and_then([this] { return move_bytes(); })
    .and_then([this] { return verify(); })
    .and_then([this] { return complete(); });
}

std::string transfer::how_to_go_on() const {
  auto kept = kept_.load();
  if (kept == 0)
    return {};
  auto res = part_.path() + " keeps " + shown(kept);
  if (!job_.from_stream)
    res += "; the same command goes on from there";
  return res;
}

// -- steps --------------------------------------------------------------------

attempt<void> transfer::look_at_source() {
  if (job_.from_stream)
    return {};
  auto info = job_.from.run(file_stat{.path = job_.source});
  if (!info)
    return tl::unexpected{info.error()};
  if (info->type != file_type::file)
    return tl::unexpected{failure{.code = info->type == file_type::directory
                                          ? errc::is_a_directory
                                          : errc::not_supported,
                                  .path = job_.source,
                                  .detail = no_file_text(info->type)}};
  total_ = info->size;
  // Nobody else may read what nobody else could read, but whoever resumes must
  // be able to write.
  permissions_ = (info->permissions & 0777) | 0600;
  return {};
}

attempt<void> transfer::look_at_part() {
  auto size = part_.look();
  if (!size)
    return tl::unexpected{size.error()};
  auto usable = uint64_t{0};
  if (*size > 0 && job_.resume) {
    auto matching = matches(*size);
    if (!matching)
      return tl::unexpected{matching.error()};
    usable = *matching ? *size : 0;
    if (usable > 0)
      events_.on_note(part_.path() + " has " + shown(usable)
                      + " already, going on from there");
    else
      events_.on_note(part_.path()
                      + (job_.from_stream
                           ? " cannot be compared with what is to come"
                           : " is not the beginning of " + job_.source)
                      + ", starting anew");
  }
  summary_.resumed_from = summary_.size = usable;
  auto begun = part_.begin(usable, permissions_);
  if (begun)
    kept_ = usable;
  return begun;
}

attempt<bool> transfer::matches(uint64_t part_size) {
  // What came from a stream cannot be compared with what will come.
  if (!total_ || part_size > *total_)
    return false;
  events_.on_verify();
  auto source
    = job_.from.start(file_checksum{.path = job_.source, .length = part_size});
  return both(source, part_.checksum(part_size)).map([](const checksums& x) {
    return x.source == x.target;
  });
}

attempt<void> transfer::move_bytes() {
  auto chunks = open_source();
  if (!chunks)
    return tl::unexpected{chunks.error()};
  for (;;) {
    events_.on_bytes(summary_.size, total_);
    auto chunk = (*chunks)->next();
    if (!chunk)
      return tl::unexpected{chunk.error()};
    if (chunk->empty())
      return part_.flush();
    if (job_.from_stream)
      passed_.add(chunk->bytes());
    summary_.size += chunk->size();
    if (auto written = part_.write(std::move(*chunk)); !written)
      return written;
    kept_ = summary_.size;
  }
}

attempt<std::unique_ptr<chunk_source>> transfer::open_source() {
  if (job_.from_stream)
    return stream_chunks::open(job_.source, job_.chunk_size);
  return std::make_unique<file_chunks>(job_.from, job_.source, job_.chunk_size,
                                       summary_.resumed_from);
}

attempt<void> transfer::verify() {
  events_.on_verify();
  auto digits = passed_.digits();
  // That of the whole source, as it is now: it may have changed meanwhile.
  auto source = job_.from_stream
                ? pending_answer{[digits] { return output{digits}; }}
                : job_.from.start(file_checksum{.path = job_.source});
  auto found = both(source, part_.checksum(summary_.size));
  if (!found)
    return tl::unexpected{found.error()};
  if (found->source != found->target) {
    kept_ = 0;
    return tl::unexpected{failure{
      .code = errc::io_error,
      .path = job_.source,
      .detail = "its checksum is not that of " + part_.path()
              + ": it changed meanwhile, or bytes were damaged on the way; "
                "the next transfer starts anew"}};
  }
  summary_.checksum = found->target;
  return {};
}

attempt<void> transfer::complete() {
  return part_.sync().and_then([this] {
    events_.on_complete();
    return part_.commit();
  });
}

} // namespace spindle::tool
