/** The members of an organization: who is covered, helping one of them, and what they may do. */
import { Module } from '@nestjs/common';
import { AuditModule } from '../audit/audit.module.js';
import { AuthModule } from '../auth/auth.module.js';
import { MailModule } from '../mail/mail.module.js';
import { MfaModule } from '../mfa/mfa.module.js';
import { OrganizationsModule } from '../organizations/organizations.module.js';
import { SessionsModule } from '../sessions/sessions.module.js';
import { SmsModule } from '../sms/sms.module.js';
import { UsersModule } from '../users/users.module.js';
import { InvitationAcceptance } from './invitation-acceptance.service.js';
import { InvitationActs } from './invitation-acts.service.js';
import { InvitationLinks } from './invitation-links.service.js';
import { InvitationController } from './invitation.controller.js';
import { InvitationStore } from './invitation.store.js';
import { Invitations } from './invitations.service.js';
import { InviteReport } from './invite-report.js';
import { InviteController } from './invite.controller.js';
import { LostPhoneWithdrawalController } from './lost-phone-withdrawal.controller.js';
import { LostPhoneController } from './lost-phone.controller.js';
import { LostPhoneStore } from './lost-phone.store.js';
import { LostPhones } from './lost-phones.service.js';
import { MemberActs } from './member-acts.service.js';
import { MemberListStore } from './member-list.store.js';
import { MemberController } from './member.controller.js';
import { Membership } from './membership.service.js';
import { PeopleExport } from './people-export.service.js';
import { PeopleList } from './people-list.service.js';
import { PeopleController } from './people.controller.js';
import { TwoFactorReset } from './two-factor-reset.service.js';

@Module({
  imports: [AuditModule, SessionsModule, UsersModule, MailModule, SmsModule, OrganizationsModule, MfaModule, AuthModule],
  controllers: [
    PeopleController,
    MemberController,
    InviteController,
    InvitationController,
    LostPhoneController,
    LostPhoneWithdrawalController,
  ],
  providers: [
    InvitationAcceptance,
    InvitationActs,
    InvitationLinks,
    Invitations,
    InvitationStore,
    InviteReport,
    LostPhones,
    LostPhoneStore,
    MemberActs,
    MemberListStore,
    Membership,
    PeopleExport,
    PeopleList,
    TwoFactorReset,
  ],
  exports: [TwoFactorReset],
})
export class PeopleModule {}
