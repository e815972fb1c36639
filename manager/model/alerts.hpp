// Alerts and events: what began, what ended, and what is told about it.
#pragma once

#include "manager/model/model.hpp"

#include <string>

namespace csim {

/// One active alert per object and type. Raising it again changes nothing.
/// Source: the manager API, §4.8.
class Alerts {
  public:
    explicit Alerts(Model& model) : model_(model) {}

    /// Raises or clears the alert `type` of `item`; texts and severities come from the table of alert types.
    void set(const std::string& type, ObjectRef item, bool on, bool intentional = false);
    /// Something that happened at one instant; never active.
    void event(
        const std::string& type, ObjectRef item, const std::string& severity, const std::string& message,
        const std::string& variant = "{}"
    );
    /// Ends every active alert of an object that goes away, without an end event.
    void object_removed(ObjectRef item);

    /// The one alert of a command, which changes its type when the command completes.
    void command_created(CommandRow& command);
    void command_completed(const CommandRow& command);

    /// Evaluates the alerts that depend on the state of `object`.
    void state_set(ObjectRef object, bool intentional);

  private:
    Model& model_;
};

/// Names of alert types, in the order in which the API numbers them.
std::vector<std::string> alert_type_names();

}  // namespace csim
