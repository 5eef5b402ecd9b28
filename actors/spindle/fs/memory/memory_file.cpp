#include "spindle/fs/memory/memory_file.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace spindle::fs::memory {

namespace {

constexpr size_t entries_per_read = 64;

std::string_view text_of(std::span<const std::byte> bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// The kernel treats offsets and sizes as signed numbers.
bool is_negative(uint64_t offset) {
  return offset > INT64_MAX;
}

} // namespace

// -- open_node: construction and destruction ----------------------------------

result<file_ptr> open_node::open(state_ptr all, node_ptr what,
                                 const open_options& how) {
  if (what->fifo && how.write && !how.read)
    if (auto opened = what->fifo->try_open_writer(); !opened)
      return fail(opened.error());
  return std::make_unique<open_node>(std::move(all), std::move(what), how);
}

open_node::open_node(state_ptr all, node_ptr what, const open_options& how)
    : with_node(std::move(all), std::move(what)), how_(how) {
  ++node_->handles;
  if (node_->fifo && how_.read) {
    reader_ = node_->fifo->open_reader();
    if (how_.write)
      node_->fifo->open_writer();
  }
}

open_node::~open_node() {
  open_node::close();
}

result<void> open_node::close() {
  std::lock_guard guard{all_->mutex};
  if (!node_)
    return {};
  if (node_->fifo && how_.read)
    node_->fifo->close_reader();
  if (node_->fifo && how_.write)
    node_->fifo->close_writer();
  all_->release(*node_);
  node_.reset();
  return {};
}

// -- open_node: transfers -----------------------------------------------------

result<size_t> open_node::read(std::span<std::byte> into) {
  if (node_ && node_->fifo)
    return how_.read ? node_->fifo->read(into) : fail(EBADF);
  auto got = read_at(position_, into);
  position_ += got.value_or(0);
  return got;
}

result<size_t> open_node::read_at(uint64_t offset, std::span<std::byte> into) {
  std::lock_guard guard{all_->mutex};
  if (is_negative(offset))
    return fail(EINVAL);
  if (node_ && node_->fifo)
    return fail(ESPIPE);
  if (!node_ || !how_.read)
    return fail(EBADF);
  if (node_->type == file_type::directory)
    return fail(EISDIR);
  const auto& bytes = node_->content.bytes();
  if (offset >= bytes.size() || into.empty())
    return 0;
  auto size = std::min<uint64_t>(into.size(), bytes.size() - offset);
  std::memcpy(into.data(), bytes.data() + offset, size);
  return size;
}

result<size_t> open_node::read_cached(uint64_t offset,
                                      std::span<std::byte> into) {
  if (all_->options.cold && node_ && node_->type == file_type::file)
    return fail(would_wait);
  return read_at(offset, into);
}

result<size_t> open_node::write(std::span<const std::byte> from) {
  if (node_ && node_->fifo)
    return how_.write ? node_->fifo->write(from) : fail(EBADF);
  auto put = write_at(position_, from);
  position_ += put.value_or(0);
  return put;
}

result<size_t> open_node::write_at(uint64_t offset,
                                   std::span<const std::byte> from) {
  std::lock_guard guard{all_->mutex};
  if (is_negative(offset))
    return fail(EINVAL);
  if (node_ && node_->fifo)
    return fail(ESPIPE);
  if (!node_ || !how_.write)
    return fail(EBADF);
  if (how_.append)
    offset = node_->content.bytes().size();
  return all_->write(*node_, offset, text_of(from));
}

// A FIFO has its own mutex, so that waiting does not block the file system.
result<bool> open_node::wait_ready(bool for_write, steady_time until) {
  if (node_ && node_->fifo)
    return node_->fifo->wait_ready(for_write, reader_, until);
  return true;
}

result<void> open_node::may_copy(const open_node& source) const {
  if (!node_ || !source.node_)
    return fail(EBADF);
  for (auto* end : {source.node_.get(), node_.get()})
    if (end->type == file_type::directory)
      return fail(EISDIR);
  for (auto* end : {source.node_.get(), node_.get()})
    if (end->type != file_type::file)
      return fail(EINVAL);
  if (!source.how_.read || !how_.write || how_.append)
    return fail(EBADF);
  return {};
}

result<size_t> open_node::copy_from(file& source, uint64_t source_offset,
                                    uint64_t offset, size_t count) {
  std::lock_guard guard{all_->mutex};
  auto& other = static_cast<open_node&>(source);
  if (auto may = may_copy(other); !may)
    return fail(may.error());
  if (other.node_->device != node_->device)
    return fail(EXDEV);
  if (is_negative(source_offset) || is_negative(offset))
    return fail(EINVAL);
  const auto& bytes = other.node_->content.bytes();
  if (source_offset >= bytes.size())
    return 0;
  auto size = std::min<uint64_t>(count, bytes.size() - source_offset);
  if (other.node_ == node_ && offset + size > source_offset
      && source_offset + size > offset)
    return fail(EINVAL);
  // Copy the bytes first, since source and target may be the same file.
  auto data = bytes.substr(source_offset, size);
  return all_->write(*node_, offset, data);
}

result<void> open_node::clone_from(file& source) {
  std::lock_guard guard{all_->mutex};
  auto& other = static_cast<open_node&>(source);
  if (node_ && other.node_ && other.node_->device != node_->device)
    return fail(EXDEV);
  if (auto may = may_copy(other); !may)
    return may;
  if (!all_->options.clones)
    return fail(EOPNOTSUPP);
  // Copy the bytes first, since a file may be cloned from itself.
  auto bytes = other.node_->content.bytes();
  auto data = other.node_->content.data();
  for (auto part = data.next(0); !part.empty(); part = data.next(part.end)) {
    auto text = std::string_view{bytes}.substr(part.begin);
    text = text.substr(0, part.end - part.begin);
    auto put = all_->write(*node_, part.begin, text);
    if (!put)
      return fail(put.error());
    if (*put < text.size())
      return fail(ENOSPC);
  }
  if (node_->content.bytes().size() < bytes.size())
    return all_->resize(*node_, bytes.size());
  return {};
}

// -- open_node: the rest ------------------------------------------------------

result<data_extent> open_node::find_data(uint64_t offset) {
  std::lock_guard guard{all_->mutex};
  if (!node_)
    return fail(EBADF);
  if (node_->fifo)
    return fail(ESPIPE);
  if (node_->type == file_type::directory)
    return fail(EINVAL);
  return node_->content.data().next(offset);
}

result<void> open_node::punch_hole(uint64_t offset, uint64_t length) {
  std::lock_guard guard{all_->mutex};
  if (is_negative(offset) || is_negative(length) || length == 0)
    return fail(EINVAL);
  if (!node_ || !how_.write)
    return fail(EBADF);
  if (node_->fifo)
    return fail(ESPIPE);
  if (is_negative(offset + length))
    return fail(EFBIG);
  all_->punch(*node_, offset, length);
  return {};
}

result<void> open_node::start_writeback(uint64_t offset, uint64_t length) {
  std::lock_guard guard{all_->mutex};
  if (!node_)
    return fail(EBADF);
  if (is_negative(offset) || is_negative(length)
      || is_negative(offset + length))
    return fail(EINVAL);
  return node_->fifo ? fail(ESPIPE) : result<void>{};
}

result<void> open_node::truncate(uint64_t size) {
  std::lock_guard guard{all_->mutex};
  if (!node_)
    return fail(EBADF);
  if (is_negative(size) || !how_.write || node_->type != file_type::file)
    return fail(EINVAL);
  return all_->resize(*node_, size);
}

result<void> open_node::sync(sync_mode mode) {
  std::lock_guard guard{all_->mutex};
  if (!node_)
    return fail(EBADF);
  if (node_->fifo)
    return fail(EINVAL);
  node_->content.sync();
  if (mode == sync_mode::full)
    node_->durable_data = node_->data;
  if (node_->type == file_type::directory)
    all_->names.sync(*node_);
  return {};
}

result<void> open_node::set_times(const file_times& times) {
  std::lock_guard guard{all_->mutex};
  if (!node_)
    return fail(EBADF);
  memory::set_times(*all_, *node_, times);
  return {};
}

// -- held_node ----------------------------------------------------------------

held_node::held_node(state_ptr all, node_ptr what)
    : all_(std::move(all)), node_(std::move(what)), delay_(all_->free_delay) {
  ++node_->handles;
}

held_node::~held_node() {
  std::lock_guard guard{all_->mutex};
  if (node_)
    all_->release(*node_);
}

bool held_node::wait_free(std::chrono::nanoseconds) {
  std::lock_guard guard{all_->mutex};
  if (!node_)
    return true;
  if (delay_ > 0) {
    --delay_;
    return false;
  }
  all_->release(*node_);
  node_.reset();
  return true;
}

// -- open_directory -----------------------------------------------------------

result<bool> open_directory::read(std::vector<directory_entry>& into) {
  std::lock_guard guard{all_->mutex};
  if (node_->links == 0)
    return fail(ENOENT);
  auto entry = node_->entries.upper_bound(last_);
  auto before = into.size();
  for (; entry != node_->entries.end(); ++entry) {
    if (into.size() - before == entries_per_read)
      break;
    into.push_back({entry->first, entry->second->type});
    last_ = entry->first;
  }
  return into.size() > before;
}

result<void> open_directory::sync() {
  std::lock_guard guard{all_->mutex};
  node_->durable_data = node_->data;
  all_->names.sync(*node_);
  return {};
}

} // namespace spindle::fs::memory
