// Which document and entry holds each row: one document per host and per command, shared ones for small rows.
#pragma once

#include "manager/model/hsm_rows.hpp"
#include "manager/model/job_rows.hpp"
#include "manager/model/power_rows.hpp"
#include "manager/model/report_rows.hpp"
#include "manager/model/rows.hpp"
#include "manager/model/storage_rows.hpp"
#include "manager/model/table.hpp"
#include "manager/model/target_rows.hpp"

namespace csim {

template <>
EntryName entry_name(const HostRow& row);
template <>
EntryName entry_name(const LNetRow& row);
template <>
EntryName entry_name(const CorosyncRow& row);
template <>
EntryName entry_name(const PacemakerRow& row);
template <>
EntryName entry_name(const NtpRow& row);
template <>
EntryName entry_name(const InterfaceRow& row);
template <>
EntryName entry_name(const VolumeRow& row);
template <>
EntryName entry_name(const VolumeNodeRow& row);
template <>
EntryName entry_name(const TargetRow& row);
template <>
EntryName entry_name(const FilesystemRow& row);
template <>
EntryName entry_name(const AlertRow& row);
template <>
EntryName entry_name(const UserRow& row);
template <>
EntryName entry_name(const LoginRow& row);
template <>
EntryName entry_name(const ControllerRow& row);
template <>
EntryName entry_name(const PowerTypeRow& row);
template <>
EntryName entry_name(const PowerDeviceRow& row);
template <>
EntryName entry_name(const PowerOutletRow& row);
template <>
EntryName entry_name(const ClientMountRow& row);
template <>
EntryName entry_name(const CopytoolRow& row);
template <>
EntryName entry_name(const CopytoolOperationRow& row);
template <>
EntryName entry_name(const StorageItemRow& row);
template <>
EntryName entry_name(const HostPackagesRow& row);
template <>
EntryName entry_name(const TargetFiguresRow& row);
template <>
EntryName entry_name(const SubscriptionRow& row);
template <>
EntryName entry_name(const CommandRow& row);
template <>
EntryName entry_name(const JobRow& row);

}  // namespace csim
