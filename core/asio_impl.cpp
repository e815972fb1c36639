// The one place where Asio itself is compiled; everything else sees declarations only.
#include <boost/asio/impl/src.hpp>
