#include "spindle/ops/error.hpp"

#include <cerrno>
#include <cstring>
#include <new>
#include <stdexcept>

namespace spindle {

std::string to_string(errc x) {
  switch (x) {
    case errc::none:
      return "none";
    case errc::not_found:
      return "not_found";
    case errc::already_exists:
      return "already_exists";
    case errc::permission_denied:
      return "permission_denied";
    case errc::is_a_directory:
      return "is_a_directory";
    case errc::not_a_directory:
      return "not_a_directory";
    case errc::directory_not_empty:
      return "directory_not_empty";
    case errc::no_space:
      return "no_space";
    case errc::read_only:
      return "read_only";
    case errc::name_too_long:
      return "name_too_long";
    case errc::too_many_links:
      return "too_many_links";
    case errc::too_many_open_files:
      return "too_many_open_files";
    case errc::invalid_argument:
      return "invalid_argument";
    case errc::cross_device:
      return "cross_device";
    case errc::busy:
      return "busy";
    case errc::io_error:
      return "io_error";
    case errc::would_block:
      return "would_block";
    case errc::no_reader:
      return "no_reader";
    case errc::too_large:
      return "too_large";
    case errc::not_supported:
      return "not_supported";
    case errc::partial_failure:
      return "partial_failure";
    case errc::system_error:
      return "system_error";
    case errc::queue_full:
      return "queue_full";
    case errc::shut_down:
      return "shut_down";
    case errc::cancelled:
      return "cancelled";
    case errc::skipped:
      return "skipped";
    case errc::disk_actor_failed:
      return "disk_actor_failed";
    case errc::limit_exceeded:
      return "limit_exceeded";
    case errc::timed_out:
      return "timed_out";
    case errc::chain_broken:
      return "chain_broken";
    case errc::writer_lost:
      return "writer_lost";
    case errc::node_lost:
      return "node_lost";
    case errc::request_expired:
      return "request_expired";
    case errc::stale:
      return "stale";
  }
  return "errc(" + std::to_string(static_cast<int>(x)) + ")";
}

errc errc_of(int sys_errno) {
  switch (sys_errno) {
    case 0:
      return errc::none;
    case ENOENT:
      return errc::not_found;
    case ESTALE:
      return errc::stale;
    case EEXIST:
      return errc::already_exists;
    case EACCES:
    case EPERM:
      return errc::permission_denied;
    case EISDIR:
      return errc::is_a_directory;
    case ENOTDIR:
      return errc::not_a_directory;
    case ENOTEMPTY:
      return errc::directory_not_empty;
    case ENOSPC:
    case EDQUOT:
      return errc::no_space;
    case EROFS:
      return errc::read_only;
    case ENAMETOOLONG:
      return errc::name_too_long;
    case ELOOP:
    case EMLINK:
      return errc::too_many_links;
    case EMFILE:
    case ENFILE:
      return errc::too_many_open_files;
    case EINVAL:
      return errc::invalid_argument;
    case EXDEV:
      return errc::cross_device;
    case EBUSY:
    case ETXTBSY:
      return errc::busy;
    case EIO:
      return errc::io_error;
    case ECANCELED:
      return errc::cancelled;
    case EAGAIN:
      return errc::would_block;
    case ENXIO:
    case EPIPE:
      return errc::no_reader;
    case EFBIG:
    case EOVERFLOW:
      return errc::too_large;
    case ENOSYS:
    case EOPNOTSUPP:
      return errc::not_supported;
    default:
      return errc::system_error;
  }
}

std::string remedy_of(errc x) {
  if (x == errc::read_only)
    return "choose another place, or have the file system mounted, or the "
           "volume of the node offered, for writing";
  if (x == errc::no_space)
    return "make room, or choose another place";
  return "";
}

std::string to_string(const failure& x) {
  auto res = x.operation;
  if (!x.path.empty())
    res += " \"" + x.path + '"';
  res += ": " + to_string(x.code);
  if (x.sys_errno != 0)
    res += std::string{" ("} + strerrordesc_np(x.sys_errno) + ", errno "
         + std::to_string(x.sys_errno) + ')';
  if (!x.detail.empty())
    res += ": " + x.detail;
  if (auto remedy = remedy_of(x.code); !remedy.empty())
    res += ": " + remedy;
  return res;
}

std::string to_words(const std::exception& x) {
  if (dynamic_cast<const std::bad_alloc*>(&x)
      || dynamic_cast<const std::length_error*>(&x))
    return "there is not enough memory";
  return x.what();
}

} // namespace spindle
