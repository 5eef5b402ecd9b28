# Distinguishes builds of CAF with the same version number: CAF's main branch
# has the version 1.1.0 of the release, but is not compatible with it.

# Sets `result` to a checksum of the headers of the target CAF::core.
function(spindle_caf_headers result)
  get_target_property(dirs CAF::core INTERFACE_INCLUDE_DIRECTORIES)
  list(REMOVE_DUPLICATES dirs)
  set(sums "")
  foreach(dir IN LISTS dirs)
    file(GLOB_RECURSE headers RELATIVE ${dir} ${dir}/caf/*.hpp)
    list(SORT headers)
    foreach(header IN LISTS headers)
      file(SHA256 ${dir}/${header} sum)
      string(APPEND sums "${header} ${sum}\n")
    endforeach()
  endforeach()
  string(SHA256 sum "${sums}")
  set(${result} ${sum} PARENT_SCOPE)
endfunction()
