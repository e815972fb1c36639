// How a row is made of a handler; included by operation.hpp only.
#pragma once

#include <map>
#include <type_traits>

namespace csim::control_detail {

template <class T>
struct TypeName {
    static constexpr std::string_view value = std::is_same_v<T, bool>          ? "boolean"
                                              : std::is_integral_v<T>          ? "int"
                                              : std::is_floating_point_v<T>    ? "double"
                                              : std::is_same_v<T, std::string> ? "string"
                                              : std::is_same_v<T, Duration>    ? "string"
                                              : std::is_enum_v<T>              ? "string"
                                              : std::is_same_v<T, Json>        ? "any"
                                                                               : "struct";
    static constexpr bool optional = false;
};
template <class T>
struct TypeName<std::optional<T>> {
    static constexpr std::string_view value = TypeName<T>::value;
    static constexpr bool optional = true;
};
template <class T>
struct TypeName<std::vector<T>> {
    static constexpr std::string_view value = "array";
    static constexpr bool optional = false;
};

template <class Arguments>
std::vector<Parameter> parameters_of() {
    std::vector<Parameter> list;
    using Members = boost::describe::describe_members<Arguments, boost::describe::mod_public>;
    boost::mp11::mp_for_each<Members>([&](auto member) {
        using Type = std::remove_cvref_t<decltype(std::declval<Arguments>().*member.pointer)>;
        list.push_back({member.name, TypeName<Type>::value, TypeName<Type>::optional});
    });
    return list;
}

template <class Handler>
struct ArgumentsOf;
template <class Arguments>
struct ArgumentsOf<Result<Answer> (*)(ControlScope&, const Arguments&)> {
    using Type = Arguments;
    static constexpr bool later = false;
};
template <class Arguments>
struct ArgumentsOf<void (*)(ControlScope&, const Arguments&, ControlDone)> {
    using Type = Arguments;
    static constexpr bool later = true;
};

template <auto handler>
void run(ControlScope& scope, const Json& arguments, ControlDone done) {
    using Shape = ArgumentsOf<decltype(handler)>;
    auto typed = from_json_value<typename Shape::Type>(arguments, Strictness::exact);
    if (!typed) return done(typed.error());
    if constexpr (Shape::later) {
        handler(scope, *typed, std::move(done));
    } else {
        done(handler(scope, *typed));
    }
}

}  // namespace csim::control_detail

namespace csim {

template <auto handler>
constexpr Operation operation(
    std::string_view name, std::string_view result, std::string_view help, OperationKind kind
) {
    using Shape = control_detail::ArgumentsOf<decltype(handler)>;
    return {name,
            result,
            help,
            kind,
            control_detail::parameters_of<typename Shape::Type>,
            control_detail::run<handler>};
}

}  // namespace csim
