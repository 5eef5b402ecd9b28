#include "spindle/fs/final_syncs.hpp"

#include <exception>
#include <utility>

namespace spindle::fs {

void final_syncs::add(file_ptr what, sync_mode mode, failure why,
                      written extent) {
  auto call = std::make_unique<sync_call>(*what, mode);
  entries_.push_back({std::move(what), nullptr, std::move(call), std::move(why),
                      std::move(extent), rounds_});
}

void final_syncs::add(directory_ptr what, failure why, written extent) {
  auto call = std::make_unique<sync_call>(*what);
  entries_.push_back({nullptr, std::move(what), std::move(call), std::move(why),
                      std::move(extent), rounds_});
}

void final_syncs::add_failed(failure why, written extent) {
  entries_.push_back(
    {nullptr, nullptr, nullptr, std::move(why), std::move(extent), rounds_});
}

void final_syncs::then() {
  ++rounds_;
}

std::vector<sync_call*> final_syncs::next_round() {
  finish_made();
  std::vector<sync_call*> res;
  while (!failed_ && res.empty() && next_ < entries_.size()) {
    auto round = entries_[next_].round;
    for (; next_ < entries_.size() && entries_[next_].round == round; ++next_)
      if (auto& call = entries_[next_].call)
        res.push_back(call.get());
    if (res.empty())
      finish_made();
  }
  return res;
}

attempt<void> final_syncs::run_as(std::string_view operation) {
  auto res = run();
  if (res)
    return res;
  auto& why = res.error();
  why.operation = operation;
  why.done = extent_.bytes;
  if (!extent_.text.empty() && !why.detail.empty())
    why.detail += "; ";
  why.detail += extent_.text;
  return res;
}

attempt<void> final_syncs::run() {
  for (auto calls = next_round(); !calls.empty(); calls = next_round())
    for (auto* call : calls)
      call->run();
  finish_made();
  if (failed_)
    return tl::unexpected{*failed_};
  return {};
}

void final_syncs::finish_made() {
  for (; finished_ < next_; ++finished_) {
    auto& entry = entries_[finished_];
    auto ended = finish_entry(entry);
    if (ended || failed_)
      continue;
    failed_ = std::move(ended.error());
    extent_ = std::move(entry.extent);
    lost_content_ = entry.as_file != nullptr;
  }
}

attempt<void> final_syncs::finish_entry(entry& what) {
  if (!what.call)
    return tl::unexpected{std::move(what.why)};
  auto fail_with = [&](errc code, int sys_errno) {
    what.why.code = code;
    what.why.sys_errno = sys_errno;
    return tl::unexpected{std::move(what.why)};
  };
  try {
    auto synced = what.call->take();
    auto closed = what.as_file ? what.as_file->close() : result<void>{};
    what.as_directory.reset();
    if (!synced)
      return fail_with(errc_of(synced.error()), synced.error());
    if (!closed)
      return fail_with(errc_of(closed.error()), closed.error());
    return {};
  } catch (const std::exception& thrown) {
    what.why.detail = to_words(thrown);
    return fail_with(errc::system_error, 0);
  }
}

} // namespace spindle::fs
