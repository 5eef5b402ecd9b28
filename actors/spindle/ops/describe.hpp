// The description of a struct, used for serialisation, JSON and error messages.
#pragma once

#include <string_view>
#include <tuple>
#include <type_traits>

namespace spindle {

/// Name of a data member and pointer to it.
template <class Struct, class Member>
struct field {
  std::string_view name;
  Member Struct::*member;
};

template <class Struct, class Member>
field(const char*, Member Struct::*) -> field<Struct, Member>;

/// A struct with a `type_name` and a tuple of `fields`.
template <class T>
concept described = requires {
  std::string_view{T::type_name};
  std::tuple_size<std::remove_cvref_t<decltype(T::fields)>>::value;
};

/// Calls `fun(name, member)` for each described member of `x`.
template <class T, class Fun>
requires described<std::remove_cvref_t<T>>
void for_each_field(T&& x, Fun&& fun) {
  std::apply([&](const auto&... f) { (fun(f.name, x.*f.member), ...); },
             std::remove_cvref_t<T>::fields);
}

} // namespace spindle
