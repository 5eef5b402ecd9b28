#include "spindle/fs/memory/memory_content.hpp"

#include <algorithm>

namespace spindle::fs::memory {

namespace {

constexpr uint64_t sector_size = 512;

void overwrite(std::string& bytes, uint64_t offset, std::string_view data) {
  if (bytes.size() < offset + data.size())
    bytes.resize(offset + data.size());
  bytes.replace(offset, data.size(), data);
}

} // namespace

content::content(std::string bytes)
    : bytes_(std::move(bytes)), durable_(bytes_) {
  data_.add(0, bytes_.size());
}

void content::write(uint64_t offset, std::string_view data) {
  pending_.push_back({false, offset, std::string{data}});
  apply(bytes_, pending_.back());
  data_.add(offset, offset + data.size());
}

void content::punch(uint64_t offset, uint64_t length) {
  write(offset, std::string(length, '\0'));
  data_.remove(offset, offset + length);
}

void content::resize(uint64_t size) {
  pending_.push_back({true, size, {}});
  data_.remove(size, bytes_.size());
  apply(bytes_, pending_.back());
}

void content::sync() {
  for (const auto& what : pending_)
    apply(durable_, what);
  pending_.clear();
}

std::string content::after_crash(random& chance) const {
  auto bytes = durable_;
  // "No change" and "all changes" are likely in practice, but unlikely if each
  // change is chosen independently.
  switch (below(chance, 4)) {
    case 0:
      break;
    case 1:
      bytes = bytes_;
      break;
    default:
      for (const auto& what : pending_)
        apply_in_part(bytes, what, chance);
  }
  return bytes;
}

void content::apply(std::string& bytes, const change& what) {
  if (what.resizes)
    bytes.resize(what.offset);
  else
    overwrite(bytes, what.offset, what.data);
}

void content::apply_in_part(std::string& bytes, const change& what,
                            random& chance) {
  auto outcome = below(chance, 4);
  if (outcome == 0)
    return;
  if (outcome == 1 || what.resizes) {
    apply(bytes, what);
    return;
  }
  auto end = what.offset + what.data.size();
  if (outcome == 2)
    bytes.resize(std::max<uint64_t>(bytes.size(), end));
  auto first_sector = what.offset / sector_size;
  auto sectors = (end - 1) / sector_size + 1 - first_sector;
  auto torn_at = (first_sector + below(chance, sectors)) * sector_size;
  if (torn_at > what.offset)
    overwrite(bytes, what.offset,
              std::string_view{what.data}.substr(0, torn_at - what.offset));
}

} // namespace spindle::fs::memory
