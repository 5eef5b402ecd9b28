#include "transfer/transfer.hpp"

#include "text/file_text.hpp"
#include "text/progress_text.hpp"

#include "spindle/fs/same_file.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

namespace spindle::tool {

namespace {

/// The checksums of both sides.
struct checksums {
  std::string source;
  std::string target;
};

/// Waits for two checksums that are computed at the same time.
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

/// Bytes of one comparison with a pace, so that others do not wait long.
constexpr uint64_t piece_size = uint64_t{8} << 20;

} // namespace

transfer::transfer(transfer_job job, transfer_events events)
    : job_(std::move(job)),
      events_(std::move(events)),
      part_(job_.to, job_.target, is_resumable(), events_.on_note) {}

attempt<void> transfer::run() {
  auto is_done = look_at_source().and_then([this] { return is_same(); });
  if (!is_done)
    return tl::unexpected{std::move(is_done.error())};
  if (*is_done)
    return {};
  if (auto other = check_other_file(); !other)
    return other;
  auto res = bring();
  if (!res && !has_useful_part())
    part_.discard();
  return res;
}

attempt<void> transfer::bring() {
  return look_at_part()
    .and_then([this] { return move_bytes(); })
    .and_then([this] { return verify(); })
    .and_then([this] { return complete(); });
}

std::string transfer::how_to_resume() const {
  if (!has_useful_part())
    return {};
  auto kept = part_.confirmed();
  return part_.path()
       + (kept > 0 ? " keeps " + shown(kept) : " may keep some of it")
       + "; the same command goes on from there";
}

// -- steps --------------------------------------------------------------------

attempt<void> transfer::look_at_source() {
  if (job_.from_stream)
    return {};
  auto info = job_.from.run(file_stat{.path = job_.source});
  if (!info)
    return tl::unexpected{info.error()};
  if (info->type == file_type::directory)
    return tl::unexpected{
      failure{.code = errc::is_a_directory,
              .path = job_.source,
              .detail = "it is a directory; -r brings it with all that it "
                        "contains"}};
  if (info->type != file_type::file)
    return tl::unexpected{failure{.code = errc::not_supported,
                                  .path = job_.source,
                                  .detail = no_file_text(info->type)}};
  info_ = *info;
  // Files in /proc report a size of 0, but have content.
  if (info->size > 0)
    total_ = info->size;
  return {};
}

attempt<bool> transfer::is_same() {
  if (!job_.skip_same || !total_)
    return false;
  auto there = job_.to.run(file_stat{.path = job_.target, .follow = false});
  if (!there || there->type != file_type::file || there->size != info_->size
      || there->modified != info_->modified
      || there->permissions != (info_->permissions & 0777))
    return false;
  events_.on_verify();
  auto found = both(job_.from.start(file_checksum{.path = job_.source}),
                    job_.to.start(file_checksum{.path = job_.target}));
  if (!found)
    return tl::unexpected{found.error()};
  if (found->source != found->target)
    return false;
  summary_ = {.size = info_->size,
              .resumed_from = info_->size,
              .was_there = true,
              .checksum = found->target};
  return true;
}

attempt<void> transfer::check_other_file() {
  // Device and inode identify a file on its own machine only.
  if (!info_ || job_.from.has_volumes() || job_.to.has_volumes())
    return {};
  auto there = job_.to.run(file_stat{.path = job_.target});
  if (!there || !fs::is_same(*info_, *there))
    return {};
  return tl::unexpected{
    failure{.code = errc::invalid_argument,
            .path = job_.target,
            .detail = "it is the same file as " + job_.source}};
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
      events_.on_note(part_.path() + " is not the beginning of " + job_.source
                      + ", starting anew");
  }
  summary_.resumed_from = summary_.size = usable;
  // Long runs of zeros in a source with holes are most likely holes.
  if (has_holes())
    part_.leave_holes();
  auto begun = part_.begin(usable, part_permissions());
  if (begun)
    is_useful_ = is_resumable() && usable > 0;
  return begun;
}

uint32_t transfer::part_permissions() const {
  // Only those who may read the source may read the part, and only the owner
  // may write it.
  return info_ ? (info_->permissions & 0755) | 0600 : 0666;
}

attempt<bool> transfer::matches(uint64_t part_size) {
  if (!total_ || part_size > *total_)
    return false;
  events_.on_verify();
  auto source
    = job_.from.start(file_checksum{.path = job_.source, .length = part_size});
  return both(source, part_.checksum(0, part_size)).map([](const auto& x) {
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
    if (!chunk) {
      // Completes the writes in flight, which a later transfer can use.
      std::ignore = part_.flush();
      return tl::unexpected{chunk.error()};
    }
    if (chunk->empty())
      return part_.fill_up();
    passed_.add(chunk->bytes());
    summary_.size += chunk->size();
    if (auto written = write(*chunk); !written)
      return written;
  }
}

attempt<std::unique_ptr<chunk_source>> transfer::open_source() {
  if (job_.from_stream)
    return stream_chunks::open(job_.source, job_.chunk_size, job_.stop);
  if (has_holes())
    return std::make_unique<sparse_chunks>(
      job_.from, job_.source, job_.chunk_size, summary_.resumed_from, *total_);
  return std::make_unique<file_chunks>(job_.from, job_.source, job_.chunk_size,
                                       summary_.resumed_from, total_);
}

attempt<void> transfer::write(const buffer& chunk) {
  is_useful_ = is_resumable();
  if (!job_.pace)
    return part_.write(chunk);
  // Uses the pause to wait for the writes in flight.
  if (job_.pace->is_early())
    if (auto written = part_.flush(); !written)
      return written;
  job_.pace->wait(job_.stop);
  job_.pace->on_handed_over(chunk.size());
  auto res = part_.write(chunk);
  if (res && job_.pace->one_by_one())
    res = part_.flush();
  job_.pace->on_written(chunk.size());
  return res;
}

// -- completion ---------------------------------------------------------------

attempt<void> transfer::verify() {
  if (!job_.verify)
    return {};
  events_.on_verify();
  return info_ && job_.pace && job_.pace->one_by_one() ? verify_piece_by_piece()
                                                       : verify_at_once();
}

attempt<void> transfer::verify_at_once() {
  auto digits = passed_.digits();
  // The whole source as it is now, since it may have changed.
  auto source = job_.from_stream
                ? pending_answer{[digits] { return output{digits}; }}
                : job_.from.start(file_checksum{
                  .path = job_.source,
                  .length = job_.allow_growth ? total_ : std::nullopt});
  auto found = both(source, part_.checksum(0, summary_.size));
  if (!found)
    return tl::unexpected{found.error()};
  if (found->source != found->target)
    return tl::unexpected{difference()};
  summary_.checksum = found->target;
  return {};
}

attempt<void> transfer::verify_piece_by_piece() {
  // The last piece starts at the end, and is empty unless the source has grown.
  for (uint64_t at = 0; at <= summary_.size; at += piece_size) {
    if (job_.allow_growth && at == summary_.size)
      break;
    auto length = job_.allow_growth ? std::min(piece_size, summary_.size - at)
                                    : piece_size;
    job_.pace->wait(job_.stop);
    job_.pace->on_handed_over(0);
    auto found = both(job_.from.start(file_checksum{
                        .path = job_.source, .offset = at, .length = length}),
                      part_.checksum(at, length));
    job_.pace->on_written(0);
    if (!found)
      return tl::unexpected{found.error()};
    if (found->source != found->target)
      return tl::unexpected{difference()};
  }
  if (summary_.resumed_from == 0)
    summary_.checksum = passed_.digits();
  return {};
}

failure transfer::difference() {
  failure res{.code = errc::io_error, .path = job_.source};
  auto now = info_ ? job_.from.run(file_stat{.path = job_.source})
                   : attempt<file_info>{};
  if (total_ && now && now->size > *total_) {
    res.code = errc::busy;
    res.detail
      = "it grew by " + std::to_string(now->size - *total_)
      + " bytes during the transfer; --allow-growth transfers the size "
        "that it had at the start";
    return res;
  }
  is_useful_ = false;
  res.detail
    = "its checksum differs from that of the written bytes: it changed "
      "during the transfer, or bytes were damaged on the way; run the "
      "command again, which starts anew";
  return res;
}

attempt<void> transfer::complete() {
  events_.on_complete();
  part_attributes attributes{.overwrite = job_.overwrite};
  if (info_ && job_.preserve) {
    attributes.permissions = info_->permissions & 0777;
    attributes.accessed = info_->accessed;
    attributes.modified = info_->modified;
  }
  return part_.commit(attributes);
}

} // namespace spindle::tool
