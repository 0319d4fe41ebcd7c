/** The rooms, wired. */
import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { AuditModule } from './audit/audit.module.js';
import { AuthModule } from './auth/auth.module.js';
import { HealthModule } from './health/health.module.js';
import { HomeModule } from './home/home.module.js';
import { MailModule } from './mail/mail.module.js';
import { MfaModule } from './mfa/mfa.module.js';
import { OrganizationsModule } from './organizations/organizations.module.js';
import { OutboxModule } from './outbox/outbox.module.js';
import { PeopleModule } from './people/people.module.js';
import { ErrorFilter } from './platform/error.filter.js';
import { type Foundation, PlatformModule } from './platform/platform.module.js';
import { SessionsModule } from './sessions/sessions.module.js';
import { StageGuard } from './sessions/stage.guard.js';
import { SmsModule } from './sms/sms.module.js';
import { UsersModule } from './users/users.module.js';

@Module({
  imports: [
    AuditModule,
    SessionsModule,
    UsersModule,
    MailModule,
    SmsModule,
    OutboxModule,
    OrganizationsModule,
    MfaModule,
    AuthModule,
    PeopleModule,
    HomeModule,
    HealthModule,
  ],
  providers: [
    { provide: APP_FILTER, useClass: ErrorFilter },
    { provide: APP_GUARD, useClass: StageGuard },
  ],
})
export class AppModule {
  static on(foundation: Foundation): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.on(foundation)] };
  }
}
