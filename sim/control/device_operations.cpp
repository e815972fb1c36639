// Operations on shared storage.
#include "sim/control/operation_rows.hpp"

#include <array>
#include <charconv>

namespace csim {
namespace {

struct FormatBlockDevice {
    std::string fqdn;
    std::string path;
    std::string filesystem_type;
};
BOOST_DESCRIBE_STRUCT(FormatBlockDevice, (), (fqdn, path, filesystem_type))

struct OfController {
    Json controller_id;  ///< callers send a number, or its decimal digits
};
BOOST_DESCRIBE_STRUCT(OfController, (), (controller_id))

Result<std::int64_t> controller_number(const Json& given) {
    if (given.is_number_integer()) return given.get<std::int64_t>();
    if (given.is_string()) {
        const std::string& text = given.get_ref<const std::string&>();
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc{} && end == text.data() + text.size()) return number;
    }
    return Error{Errc::bad_argument, "/controller_id: expected an integer, or its decimal digits"};
}

Result<Answer> poll_fake_controller(ControlScope& scope, const OfController& args) {
    const auto id = controller_number(args.controller_id);
    if (!id) return id.error();
    const FakeController* const controller = scope.simulator.world().controllers().find(*id);
    if (controller == nullptr) {
        return Error{Errc::not_found, "there is no controller " + std::to_string(*id)};
    }
    return Answer{to_json_value(controller->poll())};
}

Result<Answer> format_block_device(ControlScope& scope, const FormatBlockDevice& args) {
    if (const auto node = server_named(scope, args.fqdn); !node) return node.error();
    FakeDevices& devices = scope.simulator.world().devices();
    return nil(devices.format_local(args.fqdn, args.path, args.filesystem_type));
}

}  // namespace

std::span<const Operation> device_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<format_block_device>(
            "format_block_device", "nil",
            "Puts a local filesystem (ext4) on a volume that this node sees and that carries no Lustre "
            "target."
        ),
        operation<poll_fake_controller>(
            "poll_fake_controller", "struct",
            "A storage controller's LUNs and disks, sizes in MiB. The id is a number, or its decimal digits.",
            OperationKind::query
        ),
    });
    return rows;
}

}  // namespace csim
